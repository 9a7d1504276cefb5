#include "sys/socket_filter.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "sys/privileges.h"

namespace reeve {

Result<void> attach_filter(int fd, const void* instructions, std::size_t count) noexcept {
  sock_fprog program{};
  program.len = static_cast<unsigned short>(count);
  // The kernel only reads it.
  program.filter = static_cast<sock_filter*>(const_cast<void*>(instructions));
  const Raised filters_of_tcp(CAP_NET_ADMIN);
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) return failure("attach a filter to a socket", errno);
  return {};
}

void detach_filter(int fd) noexcept {
  const int ignored = 0;
  (void)::setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored);
}

std::size_t dropped_packets(int fd) noexcept {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  if (::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) return 0;
  return memory[SK_MEMINFO_DROPS];
}

}  // namespace reeve
