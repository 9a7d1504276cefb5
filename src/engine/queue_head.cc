#include "engine/queue_head.h"

#include <sys/socket.h>

#include <array>
#include <cstring>
#include <ctime>

namespace reeve {

namespace {

void stamp_datagrams(int socket, int on) noexcept {
  (void)::setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

}  // namespace

std::optional<QueueHead> peek_datagram(int socket) noexcept {
  sockaddr_storage raw{};
  char byte = 0;
  iovec part{&byte, sizeof byte};
  alignas(cmsghdr) std::array<char, 256> control{};
  msghdr header{};
  header.msg_name = &raw;
  header.msg_namelen = sizeof raw;
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  // socket(7): the stamp stays with the datagram once it was asked for. The option is only on for the look, so
  // that a server sees no control data that it did not order.
  stamp_datagrams(socket, 1);
  const ssize_t size = ::recvmsg(socket, &header, MSG_PEEK | MSG_DONTWAIT);
  stamp_datagrams(socket, 0);
  if (size < 0) return std::nullopt;
  QueueHead head;
  head.source = endpoint_of(raw).value_or(Endpoint{});
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(item), sizeof stamp);
    head.received_ns = std::int64_t{stamp.tv_sec} * 1'000'000'000 + stamp.tv_nsec;
  }
  return head;
}

void drop_datagram(int socket) noexcept {
  char byte = 0;
  (void)!::recv(socket, &byte, sizeof byte, MSG_DONTWAIT);
}

bool any_datagram(int socket, const std::function<bool(const Address&)>& judge) {
  // socket(7), SO_PEEK_OFF: each look goes on behind the last one.
  int offset = 0;
  if (::setsockopt(socket, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset) != 0) return true;
  static std::array<char, 65'536> bytes;
  bool found = false;
  int looks = 0;
  for (; looks < kMostLookedAt && !found; ++looks) {
    sockaddr_storage raw{};
    iovec part{bytes.data(), bytes.size()};
    msghdr header{};
    header.msg_name = &raw;
    header.msg_namelen = sizeof raw;
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (::recvmsg(socket, &header, MSG_PEEK | MSG_DONTWAIT) < 0) break;
    found = judge(endpoint_of(raw).value_or(Endpoint{}).address);
  }
  offset = -1;
  (void)::setsockopt(socket, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset);
  return found || looks == kMostLookedAt;
}

void drop_datagrams(int socket) noexcept {
  char byte = 0;
  for (int each = 0; each < kMostLookedAt && ::recv(socket, &byte, sizeof byte, MSG_DONTWAIT) >= 0; ++each) continue;
}

}  // namespace reeve
