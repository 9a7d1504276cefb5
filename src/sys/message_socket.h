// MessageSocket: our end of a SOCK_SEQPACKET pair, with descriptors attached to messages.
//
// Used by the monitor for its engine. It never waits: what the socket does not take now is queued in
// order and goes with the next flush(). Receives and sends in batches, one system call for many messages.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/message.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace reeve {

class MessageSocket {
 public:
  static constexpr std::size_t kBatch = 16;           // messages received by one call
  static constexpr std::size_t kMaxReceived = 768;    // bytes of one received message
  static constexpr std::size_t kMaxQueued = 100'000;  // messages not sent yet
  static constexpr std::size_t kMaxLazy = 32;         // messages that wait for company

  // Close-on-exec both; the second one blocks.
  [[nodiscard]] static Result<std::pair<UniqueFd, UniqueFd>> make_pair();

  explicit MessageSocket(UniqueFd fd);
  ~MessageSocket();
  MessageSocket(MessageSocket&&) noexcept;
  MessageSocket& operator=(MessageSocket&&) noexcept;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  struct Received {
    std::span<const std::byte> bytes;  // valid until the next receive(); one more than kMaxReceived if longer
    UniqueFd descriptor;               // of at most one
  };
  enum class State : std::uint8_t { open, gone };
  // Appends what is there to `messages` (up to kBatch). `gone`: the other side has ended.
  State receive(std::vector<Received>& messages);

  void queue(std::span<const std::byte> bytes);
  // The same for news that may wait a moment for others to go with, see has_urgent().
  void queue_lazily(std::span<const std::byte> bytes);
  // `borrowed` descriptors belong to `owner`, which is kept until they are sent.
  void queue(std::span<const std::byte> bytes, std::vector<int> borrowed, std::shared_ptr<const void> owner);
  // `owned` ones are closed when they are sent.
  void queue(std::span<const std::byte> bytes, std::vector<UniqueFd> owned);

  enum class Flush : std::uint8_t {
    done,     // nothing is left
    full,     // go on when the socket is writable
    crowded,  // the system is short of something; go on a little later
  };
  Flush flush();
  [[nodiscard]] bool has_unsent() const noexcept { return !queue_.empty(); }
  // Something is queued that was not queued lazily, or much is.
  [[nodiscard]] bool has_urgent() const noexcept { return lazy_ < queue_.size() || lazy_ >= kMaxLazy; }
  // The other side takes nothing any more: more is queued than it can be meant to need.
  [[nodiscard]] bool is_overfull() const noexcept { return queue_.size() > kMaxQueued; }

 private:
  struct Outgoing {
    std::vector<std::byte> bytes;
    std::vector<int> descriptors;
    std::vector<UniqueFd> owned;
    std::shared_ptr<const void> owner;
  };
  struct Inbox;

  UniqueFd fd_;
  std::unique_ptr<Inbox> inbox_;
  std::deque<Outgoing> queue_;
  std::size_t lazy_ = 0;  // at the end of the queue
};

}  // namespace reeve
