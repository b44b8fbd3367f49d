// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dht/node_id.h"
#include "federation/glib/loop.h"
#include "federation/protocol.h"
#include "federation/reason.h"
#include "gst/data_message.h"
#include "gst/lane_header.h"

namespace gst {

/// Who receives a lane's packets. Called on a streaming thread, one packet at a time per trunk: copy
/// what is kept, return soon, take no lock that control code holds long.
class LaneReceiver {
public:
    virtual ~LaneReceiver() = default;
    /// `stream` is the m-line's index at the sending browser, and a layer (docs/trunk.md). `packet` is valid
    /// during the call only.
    virtual void receive(PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) = 0;
    /// A data channel's message: each once, in the order in which they were sent, and none before
    /// `Lane::accept_data`. `message` is valid during the call only.
    virtual void receive_data(const DataMessage& /*message*/) {}
    /// What was sent and has not arrived yet fell to data_buffered_low again, from above.
    virtual void data_drained() {}
    /// `Lane::available` is another now: what feeds the lane should keep within. Not more than some times a
    /// second.
    virtual void available_changed(std::uint64_t /*bits_per_second*/) {}
};

/// `Lane::available` when no limit is known.
constexpr std::uint64_t unlimited = UINT64_MAX;

struct LaneStats {
    std::uint64_t packets_sent = 0, packets_received = 0;
    std::uint64_t packets_dropped = 0;   ///< for want of a trunk, or of room
    std::uint64_t packets_lost = 0;      ///< gaps in the lane's sequence that nothing filled (yet)
    std::uint64_t packets_missed = 0;    ///< gaps when they were noticed
    std::uint64_t packets_repaired = 0;  ///< of these: asked for, and came
    std::uint64_t repairs_asked = 0;     ///< packets asked for, repetitions included
    std::uint64_t repairs_sent = 0;      ///< packets sent again, asked for by the other side
};

/// One call's share of a trunk. It outlives the trunk: when a dead one is replaced, packets go on
/// through the new one.
class Lane {
public:
    /// Closes the lane; after it returns the receiver is not called again. From any thread. It waits for
    /// a call of the receiver that is in progress: hold no lock meanwhile that the receiver takes. Inside
    /// that very call it does not wait.
    virtual ~Lane() = default;
    /// From any thread. False when it was dropped: no trunk yet, too big, or the trunk is dead. `kind` is
    /// rtp or rtcp.
    virtual bool send(PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) = 0;
    /// A data channel's message: it arrives once and in order, also when the trunk is replaced meanwhile. It
    /// waits while there is none. From any thread. What is not taken is lost to the channel, whose messages
    /// may then no longer be called reliable: end the call with the verdict's word.
    virtual DataVerdict send_data(const DataMessage& message) = 0;
    /// The receiver is ready for data messages: its browser's data channel is open, say. Until this is called
    /// they wait, unacknowledged, and the other side's buffered amount grows. They may come inside this call.
    virtual void accept_data() = 0;
    /// Octets of messages that were taken and have not arrived yet, as far as we know.
    [[nodiscard]] virtual std::size_t data_buffered() const = 0;
    [[nodiscard]] virtual LaneStats stats() const = 0;
    /// Bits per second of packets, as `send` gets them, that this lane may send so that the trunk can carry
    /// them: its fair share of what the path was measured to carry, where lanes that want less leave the rest
    /// to the others. Nothing is dropped beyond it; it is for choosing layers and telling encoders. Never
    /// less than lane_bits_min. From any thread.
    [[nodiscard]] virtual std::uint64_t available() const { return unlimited; }
};

/// What no lane is asked to go below: a voice, and a picture now and then.
constexpr std::uint64_t lane_bits_min = 64'000;

struct TrunkConfig {
    std::vector<std::string> addresses;  ///< local addresses for ICE; empty: all but loopback
    std::chrono::microseconds heartbeat = std::chrono::milliseconds{500};
    std::chrono::microseconds dead_after = std::chrono::seconds{2};
    std::chrono::microseconds setup_timeout = std::chrono::seconds{4};
    std::chrono::microseconds interruption_max = std::chrono::seconds{15};  ///< then its calls end
    std::chrono::microseconds idle = std::chrono::minutes{2};               ///< without a lane: then closed
    std::size_t lanes_max = 4096;                                           ///< with one peer
    /// Beyond it another connection is made, a shard: all of a connection's packets pass one lock and one
    /// thread. 256 calls are 64,000 packets a second, and what one processor sends.
    std::size_t lanes_per_shard = 256;
    /// Connections with one peer. Each has 7 threads; 16 for a peer are the most that is wanted.
    unsigned shards_max = 2;
    /// Of the inner packet. With both headers, SRTP's tag, UDP and IPv6 that is 1,478 of Ethernet's 1,500.
    std::size_t packet_bytes_max = 1400;
    std::size_t peers_max = 256;  ///< a trunk has 7 threads and 7 descriptors for each of its shards
    /// False: packets pass webrtcbin's jitter buffer, as they do when its insides are not as expected.
    bool tapped = true;
};

struct TrunkStats {
    dht::NodeId peer;
    std::string state;  ///< "connecting", "up", "lost"
    std::size_t lanes = 0;
    double rtt_ms = 0;  ///< of the heartbeat, smoothed
    std::uint64_t packets_sent = 0, packets_received = 0;
    std::uint64_t packets_unknown = 0;  ///< for no lane of ours, or malformed: dropped
    std::size_t shards = 0;             ///< connections that are up
    /// What the path carries, in bits per second with all headers, as far as it was seen full; `unlimited`
    /// otherwise.
    std::uint64_t carries_out = unlimited, carries_in = unlimited;
};

/// The trunks of one server, at most one per peer: a webrtcbin connection that is negotiated once and
/// carries every call with that peer in lanes, and more of them when there are many. Everything but lanes is
/// used, made and destroyed on the loop. Callbacks come from the loop too, never inside a call of ours, and
/// not after destruction.
class Trunks {
public:
    struct Callbacks {
        /// To the peer, over signalling.
        std::function<void(const dht::NodeId& peer, federation::TrunkSignal)> signal;
        /// Media flows, or flows again: through another connection, after an interruption or without.
        std::function<void(const dht::NodeId& peer)> up;
        /// No path could be made, or none for `interruption_max`. The peer's lanes are dead: drop them.
        /// The next `open` or `require` tries anew.
        std::function<void(const dht::NodeId& peer, federation::Reason)> failed;
    };

    Trunks(glib::Loop& loop, const dht::NodeId& self, TrunkConfig config, Callbacks callbacks);
    /// TrunkConfig::addresses of connections that are made from now on.
    void use_addresses(std::vector<std::string> addresses);
    /// Waits until all pipelines have stopped, up to 13 ms for each. Lanes may live longer.
    ~Trunks();
    Trunks(const Trunks&) = delete;
    Trunks& operator=(const Trunks&) = delete;

    /// Begins to make the trunk unless there is one: called as soon as it is known that it will be
    /// needed, while the callee's phone rings. At peers_max: `failed` with too_many.
    void require(const dht::NodeId& peer);
    /// Nobody waits for it any more: the callee's server could not be reached, say. An attempt without
    /// lanes is given up at once; a trunk that is up stays warm.
    void release(const dht::NodeId& peer);
    /// Opens a lane, and the trunk if need be. Packets may be sent at once; they are dropped until the
    /// trunk is up. Nothing if the number is 0 or taken, or at a limit (lanes_max, peers_max).
    std::shared_ptr<Lane> open(const dht::NodeId& peer, federation::LaneId lane,
                               std::shared_ptr<LaneReceiver> receiver);
    /// From the peer, over signalling. Hostile: validated before webrtcbin sees it.
    void signalled(const dht::NodeId& peer, const federation::TrunkSignal& signal);
    [[nodiscard]] bool is_up(const dht::NodeId& peer) const;
    [[nodiscard]] std::vector<TrunkStats> stats() const;
    /// Makes the DTLS certificate and loads what webrtcbin loads: otherwise the first trunk of a process
    /// takes 0.3 s longer. From any thread; slow, so not on the loop.
    static void warm_up();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace gst
