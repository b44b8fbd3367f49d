// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/membership_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "federation/glib/loop.h"

namespace glib {

namespace {

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw std::runtime_error{"certificate file " + path + ": " + what};
}

}  // namespace

std::optional<std::string> read_membership_text(const std::string& path) {
    // Without waiting: somebody may have put a pipe there.
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 && errno == ENOENT) return {};
    if (descriptor < 0) throw std::runtime_error{path + " cannot be read: " + std::strerror(errno)};
    std::array<char, federation::membership_bytes_max + 1> text{};
    const auto size = read(descriptor, text.data(), text.size());
    const int reason = errno;
    close(descriptor);
    if (size < 0) throw std::runtime_error{path + " cannot be read: " + std::strerror(reason)};
    return std::string{text.data(), static_cast<std::size_t>(size)};
}

federation::Membership load_membership(const std::string& path, const dht::FederationName& federation,
                                       const dht::NodeId& self) {
    const auto text = read_membership_text(path);
    if (!text) {
        fail(path, "there is none, but federation \"" + federation.name +
                       "\" is closed. Ask its operator for one: viaduct federation admit " + self.hex());
    }
    auto membership = federation::decode_membership(*text);
    if (!membership) fail(path, "is damaged, or no certificate. Get it anew from the federation's operator");
    if (const auto objection = federation::objection(*membership, federation, self, now().date)) {
        fail(path, *objection);
    }
    return *std::move(membership);
}

std::string membership_file_beside(const std::string& identity_file) {
    return identity_file + ".certificate";
}

}  // namespace glib
