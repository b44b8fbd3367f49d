// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/contacts_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>

#include "federation/glib/runner.h"
#include "tests/check.h"

namespace {

using namespace std::chrono_literals;

const dht::Endpoint any_port = dht::Endpoint::v4({127, 0, 0, 1}, 0);

class Folder {
public:
    Folder() { ck_assert_ptr_nonnull(mkdtemp(name_.data())); }
    ~Folder() { std::filesystem::remove_all(name_.data()); }
    [[nodiscard]] std::string file(const std::string& name) const {
        return std::string{name_.data()} + '/' + name;
    }

private:
    std::array<char, 32> name_{"/tmp/viaduct-contacts-XXXXXX"};
};

/// A server that saves its contacts, on a loop of its own.
class Host {
public:
    Host(std::uint8_t number, const std::string& path, std::vector<dht::Endpoint> bootstrap) {
        dht::Identity::Seed seed{};
        seed.fill(number);
        federation::Config config;
        config.signalling = any_port;
        loop_.run([&] {
            runner_ = std::make_unique<glib::Runner>(
                loop_, dht::Identity{seed}, config, glib::Listen{any_port, any_port},
                [this](const federation::Event& event) { heard(event); });
            file_.emplace(
                loop_, path, [this] { return runner_->server().node().contacts(); },
                [this](const std::string& warning) { warning_ = warning; });
            for (const auto& saved : file_->load()) bootstrap.push_back(saved);
            runner_->change([&](auto& server, auto now) { server.bootstrap(bootstrap, now); });
        });
    }
    ~Host() {
        loop_.run([this] { file_.reset(); });
    }

    /// Whether it has found somebody in time.
    bool joins() {
        std::unique_lock lock{mutex_};
        return told_.wait_for(lock, 10s, [this] { return joined_; });
    }
    dht::Endpoint endpoint() { return runner_->dht_endpoint(); }
    dht::NodeId id() { return runner_->server().id(); }
    bool knows(const dht::NodeId& id) {
        bool found = false;
        loop_.run([&] {
            for (const auto& contact : runner_->server().node().contacts()) found = found || contact.id == id;
        });
        return found;
    }
    /// Whether it gets to know this one. Each lookup tells it of more.
    bool meets(const dht::NodeId& id) {
        for (int i = 0; i < 100 && !knows(id); ++i) {
            std::unique_lock lock{mutex_};
            const auto before = found_;
            lock.unlock();
            loop_.run(
                [this] { runner_->change([](auto& server, auto now) { server.lookup("nobody", now); }); });
            lock.lock();
            told_.wait_for(lock, 10s, [&] { return found_ > before; });
        }
        return knows(id);
    }
    const std::string& warning() { return warning_; }
    void save() {
        loop_.run([this] { file_->save(); });
    }

private:
    void heard(const federation::Event& event) {
        const std::lock_guard lock{mutex_};
        joined_ = joined_ || std::holds_alternative<federation::NodeJoined>(event);
        found_ += std::holds_alternative<federation::UserFound>(event) ? 1 : 0;
        told_.notify_all();
    }

    glib::Loop loop_;
    std::mutex mutex_;
    std::condition_variable told_;
    bool joined_ = false;
    int found_ = 0;
    std::string warning_;
    std::unique_ptr<glib::Runner> runner_;
    std::optional<glib::ContactsFile> file_;
};

START_TEST(a_restart_finds_the_others_when_the_bootstrap_node_is_gone) {
    const Folder folder;
    std::optional<Host> first{std::in_place, 1, folder.file("first"), std::vector<dht::Endpoint>{}};
    const std::vector<dht::Endpoint> bootstrap{first->endpoint()};
    Host other{2, folder.file("other"), bootstrap};
    ck_assert(other.joins());
    std::optional<Host> host{std::in_place, 3, folder.file("host"), bootstrap};
    ck_assert(host->joins());
    ck_assert(host->meets(other.id()));

    first.reset();
    host.reset();
    ck_assert(std::filesystem::exists(folder.file("host")));
    host.emplace(3, folder.file("host"), bootstrap);
    ck_assert(host->joins());
    ck_assert(host->knows(other.id()));  // nobody else is there
    ck_assert(host->warning().empty());
}
END_TEST

START_TEST(a_file_that_is_none_is_a_warning_and_is_replaced) {
    const Folder folder;
    const auto path = folder.file("contacts");
    std::ofstream{path} << "viaduct contacts 1\nnonsense\n";
    Host first{1, folder.file("first"), {}};
    {
        Host host{2, path, {first.endpoint()}};
        ck_assert(host.joins());
        ck_assert(host.warning().find(path + ": is damaged") != std::string::npos);
    }
    Host again{2, path, {}};
    ck_assert(again.joins());
    ck_assert(again.warning().empty());
    ck_assert(again.knows(first.id()));
}
END_TEST

START_TEST(a_pipe_or_a_folder_does_not_stop_the_start) {
    const Folder folder;
    ck_assert_int_eq(mkfifo(folder.file("pipe").c_str(), 0600), 0);
    Host pipe{1, folder.file("pipe"), {}};
    ck_assert(pipe.joins());
    ck_assert(pipe.warning().find("is not a regular file") != std::string::npos);
    Host directory{2, folder.file(""), {pipe.endpoint()}};
    ck_assert(directory.joins());
    ck_assert(!directory.warning().empty());
    directory.save();
    ck_assert(directory.warning().find("cannot be written") != std::string::npos);
}
END_TEST

START_TEST(without_contacts_the_file_stays_as_it_is) {
    const Folder folder;
    { Host alone{1, folder.file("contacts"), {}}; }
    ck_assert(!std::filesystem::exists(folder.file("contacts")));
}
END_TEST

}  // namespace

int main() {
    return run_suite("contacts_file",
                     {a_restart_finds_the_others_when_the_bootstrap_node_is_gone,
                      a_file_that_is_none_is_a_warning_and_is_replaced,
                      a_pipe_or_a_folder_does_not_stop_the_start, without_contacts_the_file_stays_as_it_is});
}
