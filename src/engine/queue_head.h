// The datagram at the head of a socket's queue, looked at without taking it: who sent it, and is it still the
// one that was there before? For wait = yes services, whose server takes the datagram itself.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/address.h"

namespace reeve {

struct QueueHead {
  Endpoint source;
  std::int64_t received_ns = 0;  // the kernel's stamp of this datagram: no other one has the same

  friend bool operator==(const QueueHead&, const QueueHead&) = default;
};

// nullopt: the queue is empty. Leaves the socket's options as they were.
[[nodiscard]] std::optional<QueueHead> peek_datagram(int socket) noexcept;
// Takes one datagram and forgets it.
void drop_datagram(int socket) noexcept;

// Does `judge` say yes to the source of any datagram in the queue? None is taken out. At most kMostLookedAt are looked
// at; when there are more, the answer is yes.
constexpr int kMostLookedAt = 4096;
[[nodiscard]] bool any_datagram(int socket, const std::function<bool(const Address&)>& judge);
// Empties the queue.
void drop_datagrams(int socket) noexcept;

}  // namespace reeve
