// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/contacts_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "federation/glib/ptr.h"
#include "federation/saved_contacts.h"

namespace glib {

namespace {

struct Read {
    std::string text;
    std::string problem;  ///< empty: none
};

Read from(int descriptor) {
    struct stat status {};
    if (fstat(descriptor, &status) != 0) return {{}, std::strerror(errno)};
    if (!S_ISREG(status.st_mode)) return {{}, "is not a regular file"};
    Read out;
    std::array<char, 4096> piece{};
    while (out.text.size() <= federation::saved_contacts_bytes_max) {
        const auto got = read(descriptor, piece.data(), piece.size());
        if (got < 0) return {{}, std::strerror(errno)};
        if (got == 0) break;
        out.text.append(piece.data(), static_cast<std::size_t>(got));
    }
    return out;
}

/// Nothing when there is no such file.
std::optional<Read> read_file(const std::string& path) {
    // Without waiting: somebody may have put a pipe there.
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return errno == ENOENT ? std::nullopt : std::optional{Read{{}, std::strerror(errno)}};
    auto out = from(descriptor);
    close(descriptor);
    return out;
}

}  // namespace

ContactsFile::ContactsFile(Loop& loop, std::string path, Contacts contacts, Warn warn)
    : path_(std::move(path)),
      contacts_(std::move(contacts)),
      warn_(std::move(warn)),
      timer_(loop, [this] { save_now_and_then(); }) {
    timer_.arm_in(interval);
}

ContactsFile::~ContactsFile() {
    save();
}

std::vector<dht::Endpoint> ContactsFile::load() const {
    const auto file = read_file(path_);
    if (!file) return {};
    const auto contacts = file->problem.empty() ? federation::decode_contacts(file->text) : std::nullopt;
    if (!contacts) {
        warn_("contacts file " + path_ + ": " + (file->problem.empty() ? "is damaged" : file->problem) +
              ". Only the bootstrap list is used; the file is written anew later");
        return {};
    }
    std::vector<dht::Endpoint> out;
    for (const auto& contact : *contacts) out.push_back(contact.endpoint);
    return out;
}

void ContactsFile::save() const {
    const auto contacts = contacts_();
    if (contacts.empty()) return;
    const auto text = federation::encode_contacts(contacts);
    Error error;
    // Whole or not at all: written beside it and renamed.
    if (!g_file_set_contents_full(path_.c_str(), text.data(), static_cast<gssize>(text.size()),
                                  G_FILE_SET_CONTENTS_CONSISTENT, 0600, error.out()))
        warn_("contacts file " + path_ + ": cannot be written: " + error.message());
}

void ContactsFile::save_now_and_then() {
    save();
    timer_.arm_in(interval);
}

std::string contacts_file_beside(const std::string& identity_file) {
    return identity_file + ".contacts";
}

}  // namespace glib
