// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/membership_watch.h"

#include <array>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "federation/glib/membership_file.h"
#include "federation/membership.h"
#include "tests/check.h"

namespace {

using namespace std::chrono_literals;

const dht::Identity authority{dht::Identity::Seed{1}};
const dht::NodeId self = dht::Identity{dht::Identity::Seed{2}}.node_id();
const dht::NodeId other = dht::Identity{dht::Identity::Seed{3}}.node_id();
const dht::FederationName acme{"acme", authority.public_key()};

federation::Membership membership(std::uint32_t serial, const dht::NodeId& member = self,
                                  dht::Duration lasts = 24h) {
    const auto expires = glib::now().date + std::chrono::duration_cast<std::chrono::seconds>(lasts);
    federation::Membership out{acme, member, {.serial = serial, .expires = expires}};
    sign(out.certificate, acme.text(), member, authority);
    return out;
}

/// A certificate's file that is watched, and what came of it.
class Watched {
public:
    Watched() {
        ck_assert_ptr_nonnull(mkdtemp(folder_.data()));
        const auto first = membership(1);
        write(encode_membership(first));
        loop_.run([&] {
            watch_.emplace(
                loop_, file(), acme, self, encode(first.certificate),
                [this](const dht::Bytes& certificate) { tell([&] { renewed_.push_back(certificate); }); },
                [this](const std::string& warning) { tell([&] { warnings_.push_back(warning); }); }, 5ms);
        });
    }
    ~Watched() {
        loop_.run([this] { watch_.reset(); });
        std::filesystem::remove_all(folder_.data());
    }

    /// Whole or not at all.
    void write(const std::string& text) const {
        std::ofstream{file() + ".new"} << text;
        std::filesystem::rename(file() + ".new", file());
    }
    void remove() const { std::filesystem::remove(file()); }

    /// How often it was renewed, and what was warned of, once there are so many of both.
    std::pair<std::vector<dht::Bytes>, std::vector<std::string>> wait_for(std::size_t renewed,
                                                                          std::size_t warnings) {
        std::unique_lock lock{mutex_};
        const bool came = told_.wait_for(
            lock, 10s, [&] { return renewed_.size() >= renewed && warnings_.size() >= warnings; });
        ck_assert(came);
        return {renewed_, warnings_};
    }
    /// It has looked some times more.
    void let_look() {
        std::this_thread::sleep_for(50ms);
        loop_.run([] {});
    }

private:
    [[nodiscard]] std::string file() const { return std::string{folder_.data()} + "/certificate"; }

    template <class Change>
    void tell(Change change) {
        const std::lock_guard lock{mutex_};
        change();
        told_.notify_all();
    }

    std::array<char, 32> folder_{"/tmp/viaduct-watch-XXXXXX"};
    std::mutex mutex_;
    std::condition_variable told_;
    std::vector<dht::Bytes> renewed_;
    std::vector<std::string> warnings_;
    glib::Loop loop_;
    std::optional<glib::MembershipWatch> watch_;
};

START_TEST(a_new_certificate_in_the_file_is_noticed_once) {
    Watched w;
    const auto next = membership(2);
    w.write(encode_membership(next));
    w.wait_for(1, 0);
    w.let_look();
    const auto [renewed, warnings] = w.wait_for(1, 0);
    ck_assert_uint_eq(renewed.size(), 1);
    ck_assert(renewed.front() == encode(next.certificate));
    ck_assert(warnings.empty());
}
END_TEST

START_TEST(what_is_no_certificate_of_ours_is_told_once_and_changes_nothing) {
    Watched w;
    w.write(encode_membership(membership(2, other)));
    w.wait_for(0, 1);
    w.let_look();
    w.write("rubbish");
    w.wait_for(0, 2);
    w.remove();
    w.wait_for(0, 3);
    const auto [renewed, warnings] = w.wait_for(0, 3);
    ck_assert(renewed.empty());
    ck_assert_uint_eq(warnings.size(), 3);
    ck_assert(warnings[0].find("it is for node " + other.hex()) != std::string::npos);
    w.write(encode_membership(membership(3)));
    w.wait_for(1, 3);
}
END_TEST

}  // namespace

int main() {
    return run_suite("membership_watch", {a_new_certificate_in_the_file_is_noticed_once,
                                          what_is_no_certificate_of_ours_is_told_once_and_changes_nothing});
}
