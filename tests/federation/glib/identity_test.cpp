// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/identity.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/check.h"

namespace {

namespace fs = std::filesystem;

struct Folder {
    fs::path path;
    Folder() {
        std::string name = (fs::temp_directory_path() / "identity.XXXXXX").string();
        ck_assert(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { fs::remove_all(path); }
    [[nodiscard]] std::string file() const { return (path / "node.key").string(); }
    void write(const std::string& text, mode_t mode = 0600) const {
        std::ofstream{file()} << text;
        ck_assert(chmod(file().c_str(), mode) == 0);
    }
};

std::string complaint(const std::string& path) {
    try {
        glib::load_identity(path);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return {};
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

START_TEST(the_first_start_makes_a_key_that_later_starts_find) {
    const Folder folder;
    const auto made = glib::load_identity(folder.file());
    ck_assert(glib::load_identity(folder.file()).node_id() == made.node_id());
    struct stat status {};
    ck_assert(stat(folder.file().c_str(), &status) == 0 && (status.st_mode & 0777) == 0600);
    ck_assert(std::distance(fs::directory_iterator{folder.path}, {}) == 1);
    const Folder other;
    ck_assert(glib::load_identity(other.file()).node_id() != made.node_id());
}
END_TEST

START_TEST(a_missing_folder_is_made) {
    const Folder folder;
    const auto path = (folder.path / "a" / "b" / "node.key").string();
    glib::load_identity(path);
    ck_assert(fs::exists(path));
}
END_TEST

START_TEST(a_key_that_others_may_read_is_refused) {
    const Folder folder;
    glib::load_identity(folder.file());
    for (const mode_t mode : {0640U, 0604U, 0620U}) {
        ck_assert(chmod(folder.file().c_str(), mode) == 0);
        ck_assert(has(complaint(folder.file()), "chmod 600"));
    }
}
END_TEST

START_TEST(what_is_no_key_is_refused_and_kept) {
    const Folder folder;
    for (const std::string& text : {std::string{}, std::string{"rubbish"}, std::string(100'000, 'x')}) {
        folder.write(text);
        ck_assert(has(complaint(folder.file()), "not an Ed25519 private key"));
        ck_assert(fs::file_size(folder.file()) == text.size());
    }
    ck_assert(has(complaint(folder.path.string()), "not a regular file"));
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_named) {
    const Folder folder;
    folder.write("a file, no folder");
    ck_assert(has(complaint(folder.file() + "/node.key"), folder.file()));
}
END_TEST

START_TEST(many_first_starts_at_once_agree) {
    const Folder folder;
    std::vector<std::string> ids(8);
    std::vector<std::thread> threads;
    for (auto& id : ids)
        threads.emplace_back([&] { id = glib::load_identity(folder.file()).node_id().hex(); });
    for (auto& thread : threads) thread.join();
    for (const auto& id : ids) ck_assert(id == ids.front());
}
END_TEST

}  // namespace

int main() {
    return run_suite("identity",
                     {the_first_start_makes_a_key_that_later_starts_find, a_missing_folder_is_made,
                      a_key_that_others_may_read_is_refused, what_is_no_key_is_refused_and_kept,
                      a_folder_that_cannot_be_made_is_named, many_first_starts_at_once_agree});
}
