// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/failure.h"

namespace elements {

using federation::Reason;

namespace {

GstResourceError code_of(Reason reason) {
    switch (reason) {
        case Reason::unknown_user:
        case Reason::unknown_room:
        case Reason::unknown_feed:
        case Reason::invalid_name:
            return GST_RESOURCE_ERROR_NOT_FOUND;
        case Reason::declined:
        case Reason::not_a_member:
        case Reason::signalling_refused:
        case Reason::pin_required:
        case Reason::wrong_pin:
        case Reason::not_permitted:
            return GST_RESOURCE_ERROR_NOT_AUTHORIZED;
        case Reason::too_many:
        case Reason::busy:
        case Reason::name_taken:
            return GST_RESOURCE_ERROR_BUSY;
        case Reason::server_unreachable:
        case Reason::timeout:
        case Reason::trunk_failed:
            return GST_RESOURCE_ERROR_OPEN_READ_WRITE;
        default:
            return GST_RESOURCE_ERROR_FAILED;
    }
}

void post(GstElement* element, GQuark domain, int code, const std::string& text, std::string_view word) {
    gst_element_message_full_with_details(
        element, GST_MESSAGE_ERROR, domain, code, g_strdup(text.c_str()), g_strdup(std::string{word}.c_str()),
        __FILE__, "viaduct", __LINE__,
        gst_structure_new("viaduct-failure", "reason", G_TYPE_STRING, std::string{word}.c_str(), nullptr));
}

}  // namespace

std::string_view advice(Reason reason) {
    switch (reason) {
        case Reason::unknown_feed:
            return "Compare the URI with the publisher's property uri, and see that it is in PAUSED or "
                   "PLAYING.";
        case Reason::unknown_room:
        case Reason::room_destroyed:
            return "Create the room at one of the federation's servers, or correct its name.";
        case Reason::server_unreachable:
        case Reason::timeout:
            return "See that the publisher runs, that bootstrap names a node of its federation (both: the "
                   "same "
                   "property federation), and that its listen-address can be reached from here.";
        case Reason::trunk_failed:
            return "UDP must pass between the two machines: see their firewalls, and the property "
                   "listen-address.";
        case Reason::declined:
            return "The publisher's application does not admit this viewer.";
        case Reason::too_many:
        case Reason::busy:
            return "Try later, or raise the publisher's property max-viewers.";
        case Reason::name_taken:
            return "Give the stream another name: two elements of one identity cannot publish the same.";
        case Reason::not_a_member:
        case Reason::signalling_refused:
            return "The federation is closed: have the key of identity-file admitted with 'viaduct "
                   "federation "
                   "admit', and set federation to NAME@KEY at both sides.";
        case Reason::pin_required:
        case Reason::wrong_pin:
            return "The room asks for a PIN.";
        case Reason::invalid_name:
            return "Names have 1 to 64 octets of UTF-8, without control characters.";
        case Reason::clock_wrong:
            return "Set this machine's clock, by NTP for example.";
        case Reason::no_record_holder:
            return "No other node keeps the stream's record: see that bootstrap names one.";
        default:
            return "GST_DEBUG=viaduct:6 tells more.";
    }
}

void post_failure(GstElement* element, Reason reason, const std::string& what) {
    const std::string text =
        what + ": " + std::string{federation::sentence(reason)} + ' ' + std::string{advice(reason)};
    post(element, GST_RESOURCE_ERROR, code_of(reason), text, federation::word(reason));
}

void post_settings_failure(GstElement* element, const std::string& what) {
    post(element, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, what, "settings");
}

void post_media_failure(GstElement* element, const std::string& what) {
    post(element, GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND, what, "media");
}

}  // namespace elements
