// DatagramLink: one end of a SOCK_SEQPACKET pair on a loop, for messages without descriptors.
//
// Used by the engine for its followers and by these for the engine. Sends in order and without ever waiting: what the socket does
// not take now stays in a queue and goes when there is room, many by one call. The queue has a bound: send() says no there, and
// the caller says what that means. Messages that arrive go to one receiver; when the other side is gone, on_end is called once.
// What the link has under way on the loop keeps it alive: whoever drops it calls close() first.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "sys/loop.h"

namespace reeve {

class DatagramLink : public std::enable_shared_from_this<DatagramLink> {
 public:
  static constexpr std::size_t kBatch = 32;  // messages sent or received by one call
  static constexpr std::size_t kMaxQueuedBytes = 4u << 20;
  static constexpr std::size_t kLowBytes = kMaxQueuedBytes / 4;  // room() waits until no more are queued

  using Receiver = std::function<void(std::span<const std::byte> datagram)>;

  // Close-on-exec both, neither blocks. Their buffers hold some hundred messages.
  [[nodiscard]] static Result<std::pair<UniqueFd, UniqueFd>> make_pair();

  // `most_bytes`: of one message; longer ones are cut by the kernel and handed on one byte too long.
  DatagramLink(Loop& loop, UniqueFd socket, std::size_t most_bytes);
  ~DatagramLink();
  DatagramLink(const DatagramLink&) = delete;
  DatagramLink& operator=(const DatagramLink&) = delete;

  void start(Receiver receive, std::function<void()> on_end);
  // Neither receiver nor on_end is called again.
  void close() noexcept;

  // False: the queue is full, or the other side is gone; the message is dropped.
  bool send(std::span<const std::byte> bytes);
  // In front of what is queued, at once, and nothing after it: for a last word before the end. Best effort.
  void send_last(std::span<const std::byte> bytes) noexcept;
  // Until few are queued, or the other side is gone, or `deadline` has passed.
  Task<> room(Instant deadline);
  // Everything was given to the socket.
  [[nodiscard]] bool is_empty() const noexcept { return queued_bytes_ == 0; }
  [[nodiscard]] std::size_t queued_bytes() const noexcept { return queued_bytes_; }
  [[nodiscard]] bool is_gone() const noexcept { return gone_; }

 private:
  struct Inbox;
  void take(Inbox& inbox, std::size_t count);
  static Task<> listen(std::shared_ptr<DatagramLink> self);
  static Task<> drain(std::shared_ptr<DatagramLink> self);
  bool send_some();
  void end();

  Loop& loop_;
  UniqueFd socket_;
  UniqueFd writing_;  // a second descriptor of the socket: a Watch is for one wait at a time
  std::size_t most_bytes_;
  Receiver receive_;
  std::function<void()> on_end_;
  std::deque<std::vector<std::byte>> queue_;
  std::size_t queued_bytes_ = 0;
  bool draining_ = false, gone_ = false;
};

}  // namespace reeve
