#include "sys/listeners.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace reeve {

namespace {

// The kernel cuts it to net.core.somaxconn.
constexpr int kBacklog = 4096;

bool set(int fd, int level, int option, int value) noexcept {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

bool listens(int type) noexcept {
  return type == SOCK_STREAM || type == SOCK_SEQPACKET;
}

struct RawAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

RawAddress raw_address(const Endpoint& endpoint, std::uint32_t scope, int family) noexcept {
  RawAddress raw;
  if (family == AF_INET) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    in.sin_addr.s_addr = htonl(endpoint.address.is_v4() ? endpoint.address.to_v4() : INADDR_ANY);
    std::memcpy(&raw.storage, &in, sizeof in);
    raw.length = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(endpoint.port);
    std::memcpy(&in.sin6_addr, endpoint.address.bytes().data(), sizeof in.sin6_addr);
    in.sin6_scope_id = scope;
    std::memcpy(&raw.storage, &in, sizeof in);
    raw.length = sizeof in;
  }
  return raw;
}

// While it lives, sockets of the same user that ask for it too may bind what these have.
class SharedPorts {
 public:
  SharedPorts(std::span<const int> yielding, int fresh) noexcept : yielding_(yielding), fresh_(fresh) { share(1); }
  ~SharedPorts() { share(0); }
  SharedPorts(const SharedPorts&) = delete;
  SharedPorts& operator=(const SharedPorts&) = delete;

 private:
  void share(int on) const noexcept {
    for (const int fd : yielding_) set(fd, SOL_SOCKET, SO_REUSEPORT, on);
    set(fresh_, SOL_SOCKET, SO_REUSEPORT, on);
  }
  std::span<const int> yielding_;
  int fresh_;
};

// 0 or the reason.
int bind_to(int fd, const ListenAt& at, int family, std::span<const int> yielding) noexcept {
  const RawAddress raw = raw_address({at.address, at.port}, at.scope, family);
  const auto try_bind = [&] { return ::bind(fd, reinterpret_cast<const sockaddr*>(&raw.storage), raw.length) == 0 ? 0 : errno; };
  const int first = try_bind();
  if (first != EADDRINUSE || yielding.empty()) return first;
  const SharedPorts shared(yielding, fd);
  const int second = try_bind();
  if (second != 0 || !listens(at.type)) return second;
  return ::listen(fd, kBacklog) == 0 ? 0 : errno;
}

// Is it to be told with each datagram to which address it came, so that the answer can leave from there? A socket that has
// one address answers from it anyway, and the telling costs a tenth of a small datagram.
bool wants_way_in(const ListenAt& at) noexcept {
  return at.type == SOCK_DGRAM && (at.address.is_unspecified() || at.address.is_multicast());
}

// What has to be said before the bind. False: errno tells.
bool prepare(int fd, const ListenAt& at, int family) noexcept {
  // Not for datagrams: with it on both sides anybody could bind the same port and take them.
  if ((at.type != SOCK_DGRAM || at.address.is_multicast()) && !set(fd, SOL_SOCKET, SO_REUSEADDR, 1)) return false;
  // Said explicitly: the system's default may be either.
  const bool v6only = at.v6only || at.family == ListenAt::Family::v6;
  if (family == AF_INET6 && !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, v6only ? 1 : 0)) return false;
  if (!at.address.is_unspecified() && !at.address.is_multicast()) {
    // Best effort: without it a missing address is an error of bind().
    set(fd, IPPROTO_IP, IP_FREEBIND, 1);
    if (family == AF_INET6) set(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
  }
  if (!wants_way_in(at)) return true;
  if (!set(fd, IPPROTO_IP, IP_PKTINFO, 1) && family == AF_INET) return false;
  return family == AF_INET || set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

Result<BoundListener> bind_family(const ListenAt& at, int family, std::span<const int> yielding) {
  const std::string where = " " + to_text(Endpoint{at.address, at.port});
  UniqueFd fd(::socket(family, at.type | SOCK_NONBLOCK | SOCK_CLOEXEC, at.protocol));
  if (!fd) return failure("socket for" + where, errno);
  if (!prepare(fd.get(), at, family)) return failure("socket options for" + where, errno);
  const int bind_errno = bind_to(fd.get(), at, family, yielding);
  if (bind_errno != 0) return failure("bind" + where, bind_errno);
  BoundListener bound{.fd = std::move(fd), .file = {}};
  if (at.address.is_multicast() && !join_group(bound.fd.get(), at)) {
    // No such route or interface yet; everything else will not get better by waiting.
    if (errno != ENODEV && errno != EADDRNOTAVAIL && errno != ENETUNREACH) return failure("join group" + where, errno);
    bound.awaits_network = true;
  }
  return bound;
}

bool is_without_v6(int number) noexcept {
  return number == EAFNOSUPPORT || number == EADDRNOTAVAIL;
}

}  // namespace

bool join_group(int fd, const ListenAt& at) noexcept {
  if (at.address.is_v4()) {
    ip_mreqn request{};
    request.imr_multiaddr.s_addr = htonl(at.address.to_v4());
    request.imr_ifindex = static_cast<int>(at.scope);
    return ::setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) == 0 || errno == EADDRINUSE;
  }
  ipv6_mreq request{};
  std::memcpy(&request.ipv6mr_multiaddr, at.address.bytes().data(), sizeof request.ipv6mr_multiaddr);
  request.ipv6mr_interface = at.scope;
  return ::setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request) == 0 || errno == EADDRINUSE;
}

Result<BoundListener> bind_listener(const ListenAt& at, std::span<const int> yielding) {
  if (!at.path.empty()) {
    auto made = bind_unix(at.path, at.type, at.access);
    if (!made) return std::unexpected(std::move(made).error());
    return BoundListener{.fd = std::move(made->fd), .file = made->file};
  }
  const bool v4 = at.family == ListenAt::Family::v4 || at.address.is_v4();
  if (v4) return bind_family(at, AF_INET, yielding);
  auto fd = bind_family(at, AF_INET6, yielding);
  const bool may_be_v4 = at.family == ListenAt::Family::any && at.address.is_unspecified() && !at.v6only;
  if (!fd && may_be_v4 && is_without_v6(fd.error().sys_errno)) return bind_family(at, AF_INET, yielding);
  return fd;
}

void make_listener(int fd, const ListenAt& at) noexcept {
  set_blocking(fd, false);
  if (!at.path.empty() || !wants_way_in(at)) return;
  set(fd, IPPROTO_IP, IP_PKTINFO, 1);
  if (!at.address.is_v4()) set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

Result<void> listen_on(int fd, const ListenAt& at) {
  if (!listens(at.type) || ::listen(fd, kBacklog) == 0) return {};
  return failure("listen on " + (at.path.empty() ? to_text(Endpoint{at.address, at.port}) : at.path), errno);
}

void set_connection_options(int fd, const ListenAt& at, ConnectionOptions options) noexcept {
  if (!listens(at.type) || !at.path.empty()) return;
  set(fd, SOL_SOCKET, SO_KEEPALIVE, options.keepalive ? 1 : 0);
  if (at.protocol == IPPROTO_TCP || at.protocol == 0) set(fd, IPPROTO_TCP, TCP_NODELAY, options.nodelay ? 1 : 0);
}

std::vector<Endpoint> bound_endpoints(int fd) {
  sockaddr_storage raw{};
  socklen_t size = sizeof raw;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &size) != 0) return {};
  const auto endpoint = endpoint_of(raw);
  if (!endpoint) return {};
  // endpoint_of has one form for both families: 0.0.0.0 and :: are told apart here.
  if (raw.ss_family == AF_INET) return {{endpoint->address.is_v4() ? endpoint->address : Address::v4(0), endpoint->port}};
  int v6only = 1;
  socklen_t length = sizeof v6only;
  (void)::getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, &length);
  std::vector<Endpoint> both{*endpoint};
  if (endpoint->address == Address() && v6only == 0) both.push_back({Address::v4(0), endpoint->port});
  return both;
}

Result<void> rest(int fd) noexcept {
  // With SO_REUSEADDR on both sides a port that nobody listens on could be bound again by anybody.
  set(fd, SOL_SOCKET, SO_REUSEADDR, 0);
  if (::shutdown(fd, SHUT_RD) != 0) return failure("shutdown of a listener", errno);
  return {};
}

Result<void> listen_again(int fd) noexcept {
  // First, or a connection of before that is in TIME_WAIT keeps the port from us.
  set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (::listen(fd, kBacklog) == 0) return {};
  const int listen_errno = errno;
  set(fd, SOL_SOCKET, SO_REUSEADDR, 0);
  return failure("listen again", listen_errno);
}

void set_blocking(int fd, bool blocking) noexcept {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags >= 0) ::fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

}  // namespace reeve
