// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "gst/data_message.h"
#include "gst/data_packet.h"

namespace gst {

/// Of one trunk, behind gaps and before data is accepted. Beyond, packets are not taken and come again.
constexpr std::size_t data_kept_bytes_max = 8 * 1024 * 1024;

/// One lane's incoming data: puts pieces in order and together. One thread at a time.
class DataReceiver {
public:
    using Deliver = std::function<void(const DataMessage&)>;

    /// `kept` counts the octets that wait in all lanes of the trunk.
    explicit DataReceiver(std::shared_ptr<std::atomic<std::size_t>> kept) : kept_bytes_(std::move(kept)) {}
    ~DataReceiver();
    DataReceiver(const DataReceiver&) = delete;
    DataReceiver& operator=(const DataReceiver&) = delete;

    /// Hostile input: of a peer that breaks the rules nothing more is taken.
    void received(std::uint16_t sequence, const DataPacket& packet, const Deliver& deliver);
    /// From now on messages are delivered, those that wait at once.
    void accept(const Deliver& deliver);
    /// What is to be said to the peer now, if anything.
    std::optional<DataAck> acknowledgement();

private:
    struct Piece {
        bool first = false, last = false, binary = false;
        std::vector<std::uint8_t> octets{};
    };

    void keep(std::uint64_t number, const DataPacket& packet);
    void drain(const Deliver& deliver);
    void take(const DataPacket& packet, const Deliver& deliver);

    const std::shared_ptr<std::atomic<std::size_t>> kept_bytes_;
    std::uint64_t next_ = 0;  ///< unwrapped
    std::map<std::uint64_t, Piece> kept_;
    std::vector<std::uint8_t> message_;  ///< as far as it is there
    bool begun_ = false, accepting_ = false, broken_ = false;
    bool delivering_ = false;  ///< the receiver may call us back
    bool owed_ = false;
    int unacknowledged_ = 0;
    std::uint32_t stamp_ = 0;
};

}  // namespace gst
