// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dht/contact.h"
#include "dht/endpoint.h"
#include "federation/glib/loop.h"

namespace glib {

/// A node's verified contacts in a file, so that a restart finds back to the others even when the
/// bootstrap nodes are gone. Saved every few minutes and at the end; never a reason not to start.
/// Made, used and destroyed on the loop.
class ContactsFile {
public:
    using Contacts = std::function<std::vector<dht::Contact>()>;
    using Warn = std::function<void(const std::string&)>;

    /// `contacts` tells those of now, `warn` what is wrong with the file.
    ContactsFile(Loop& loop, std::string path, Contacts contacts, Warn warn);
    /// Saves; so before the node goes.
    ~ContactsFile();
    ContactsFile(const ContactsFile&) = delete;
    ContactsFile& operator=(const ContactsFile&) = delete;

    /// Where to look for others beside the bootstrap list; nothing without a sound file.
    [[nodiscard]] std::vector<dht::Endpoint> load() const;
    /// A file with contacts is never replaced by one without.
    void save() const;

private:
    /// A crash loses the newest contacts at most.
    static constexpr dht::Duration interval = std::chrono::minutes{5};

    void save_now_and_then();

    std::string path_;
    Contacts contacts_;
    Warn warn_;
    Timer timer_;
};

/// Where it is when the operator names no place.
std::string contacts_file_beside(const std::string& identity_file);

}  // namespace glib
