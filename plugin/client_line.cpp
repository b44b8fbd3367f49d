// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/client_line.h"

#include <utility>

namespace plugin {

namespace {

std::shared_ptr<json_t> shared(Json json) {
    return {json.release(), federation::FreeJson{}};
}

}  // namespace

void ClientLine::push(const std::string& transaction, Json event, Json jsep) const {
    outbox_.post(queue_, [&gateway = gateway_, handle = handle_, transaction,
                          event = shared(std::move(event)), jsep = shared(std::move(jsep))] {
        gateway.push_event(*handle, transaction, event.get(), jsep.get());
    });
}

void ClientLine::push_soon(Json event) const {
    outbox_.post_feedback(queue_, [&gateway = gateway_, handle = handle_, event = shared(std::move(event))] {
        gateway.push_event(*handle, {}, event.get(), nullptr);
    });
}

void ClientLine::notify(Json event) const {
    outbox_.post(queue_, [&gateway = gateway_, handle = handle_, event = shared(std::move(event))] {
        gateway.notify(*handle, event.get());
    });
}

void ClientLine::close_pc() const {
    outbox_.post(queue_, [&gateway = gateway_, handle = handle_] { gateway.close_pc(*handle); });
}

void ClientLine::send_pli(int mindex) const {
    outbox_.post_feedback(queue_, [&gateway = gateway_, handle = handle_, mindex] {
        gateway.send_pli_stream(*handle, mindex);
    });
}

void ClientLine::send_remb(std::uint32_t bits_per_second) const {
    outbox_.post_feedback(queue_, [&gateway = gateway_, handle = handle_, bits_per_second] {
        gateway.send_remb(*handle, bits_per_second);
    });
}

Json make_jsep(const char* type, const std::string& sdp) {
    return Json{json_pack("{ssss}", "type", type, "sdp", sdp.c_str())};
}

}  // namespace plugin
