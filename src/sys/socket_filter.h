// Filters of sockets: SO_ATTACH_FILTER (socket(7)). No privilege is needed for one's own socket.
#pragma once

#include <cstddef>

#include "base/result.h"

namespace reeve {

// `instructions`: `count` structures as <linux/filter.h> has them. Takes the place of the filter before.
[[nodiscard]] Result<void> attach_filter(int fd, const void* instructions, std::size_t count) noexcept;
void detach_filter(int fd) noexcept;
// How many packets the socket has dropped in all: by its filter, and for want of room (SO_MEMINFO).
[[nodiscard]] std::size_t dropped_packets(int fd) noexcept;

}  // namespace reeve
