// MonitorLink: the engine's end of the pair to the monitor.
//
// Sends what the engine asks for, in order, without ever waiting: what the socket does not take now stays
// in a bounded queue and goes when there is room. Hands every message that arrives to one receiver. When
// the monitor is gone the engine has nothing to do any more and the loop is stopped.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "base/message.h"
#include "base/unique_fd.h"
#include "sys/loop.h"

namespace reeve {

// The first message to a new engine, which tells where its own log goes. Waits for it.
struct FirstMessage {
  AdoptMessage adopt;
  std::vector<UniqueFd> descriptors;
};
[[nodiscard]] Result<FirstMessage> receive_first(int socket);

class MonitorLink {
 public:
  using Receiver = std::function<void(const MonitorMessage& message, std::vector<UniqueFd> descriptors)>;

  MonitorLink(Loop& loop, UniqueFd socket);

  void start(Receiver receive);

  // The descriptor, if there is one, goes to the monitor for good.
  template <class Message>
  void send(const Message& message, UniqueFd descriptor) {
    send_bytes(as_bytes(message), std::move(descriptor));
  }

  [[nodiscard]] std::size_t queued() const noexcept { return queue_.size(); }

 private:
  struct Queued {
    std::vector<std::byte> bytes;
    UniqueFd descriptor;
  };
  enum class Sent : std::uint8_t { yes, full, crowded, gone };

  void send_bytes(std::span<const std::byte> bytes, UniqueFd descriptor);
  Sent try_send(std::span<const std::byte> bytes, int descriptor);
  Task<> listen();
  Task<> drain();

  Loop& loop_;
  UniqueFd socket_;
  UniqueFd writing_;  // a second descriptor of the socket: a Watch is for one wait at a time
  Receiver receive_;
  std::deque<Queued> queue_;
  bool draining_ = false;
};

}  // namespace reeve
