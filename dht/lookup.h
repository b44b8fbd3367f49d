// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "dht/contact.h"

namespace dht {

/// One iterative lookup (§2.3) as a value: it is told what happened and says whom to ask next.
///
/// α queries are in flight; once α answers in a row have brought nobody nearer, all of the k
/// closest are asked at once, so that the last step costs one round trip and not k/α. It ends when
/// the k closest that have not failed have answered. Who is slow is waited for, but somebody else is
/// asked meanwhile. Who is late is not waited for either, but a late answer counts as long as the
/// lookup runs. If nobody at all has answered, all are asked once more:
/// with few contacts, a lost datagram would be the whole lookup.
class Lookup {
public:
    struct Limits {
        std::size_t k = 20;
        std::size_t alpha = 3;
        std::size_t per_subnet = 4;  ///< candidates of one /24 or /64, against Sybils
        bool exempt_private = true;
    };

    /// Contacts of other families are passed over.
    Lookup(const NodeId& self, const NodeId& target, Limits limits, Families families = {});

    /// Contacts to begin with.
    void seed(std::span<const Contact> contacts) { add(contacts, 1); }

    /// Whom to ask now; it counts as asked. Call until there is nobody.
    std::optional<Contact> next();

    /// How many referrals lead to those whom the answer names.
    int answered(const Contact& contact, std::span<const Contact> closer);
    /// The same contacts as another lookup has heard of.
    void heard(std::span<const Contact> contacts, int hops) { add(contacts, hops); }
    void slow(const Contact& contact);
    void late(const Contact& contact);
    /// It will not answer, or not as the one it was said to be.
    void failed(const Contact& contact);
    /// What `next` gave was not asked after all: it is left to another lookup.
    void passed_over(const Contact& contact);

    [[nodiscard]] bool finished() const;
    /// The closest that have answered, nearest first, at most k.
    [[nodiscard]] std::vector<Contact> closest() const;
    /// Those of them that will very likely stay among them: none as long as answers name nearer ones.
    [[nodiscard]] std::vector<Contact> likely() const;
    /// Those who have not answered in time, or not as the ones that they were said to be.
    [[nodiscard]] std::vector<Contact> silent() const;
    /// The longest chain of referrals that ended in an answer.
    [[nodiscard]] int hops() const { return hops_; }
    [[nodiscard]] const NodeId& target() const { return target_; }

private:
    /// Far candidates are never asked: what is beyond a few times k need not be remembered.
    static constexpr std::size_t candidates_per_k = 8;
    /// A lie about where a NodeID lives must not hide the truth.
    static constexpr std::size_t endpoints_per_id = 2;

    enum class Status : unsigned char { known, asked, slow, late, answered, failed, passed_over };

    struct Candidate {
        Contact contact;
        int hops = 1;
        Status status = Status::known;
    };

    /// Not to be waited for, nor counted among the k closest.
    static bool is_out(Status status) {
        return status == Status::late || status == Status::failed || status == Status::passed_over;
    }
    void add(std::span<const Contact> contacts, int hops);
    void add(const Contact& contact, int hops);
    [[nodiscard]] bool crowded(const Endpoint& endpoint) const;
    [[nodiscard]] bool may_ask_again() const;
    [[nodiscard]] bool stalled() const { return without_progress_ >= limits_.alpha; }
    Candidate* find(const Contact& contact);

    NodeId self_;
    NodeId target_;
    Limits limits_;
    Families families_;
    std::vector<Candidate> candidates_;  // nearest first
    std::size_t without_progress_ = 0;
    int hops_ = 0;
    bool asked_again_ = false;
};

}  // namespace dht
