#include "engine/arrival.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace reeve {

namespace {

// unix(7): who he was when he connected.
Address user_of(int connection) noexcept {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  const bool known = ::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0;
  return Address::local(known ? credentials.uid : Address::kUnknownUser);
}

}  // namespace

std::expected<Arrival, AcceptFailure> accept_from(int listener, bool non_blocking) noexcept {
  sockaddr_storage raw{};
  socklen_t size = sizeof raw;
  UniqueFd connection(::accept4(listener, reinterpret_cast<sockaddr*>(&raw), &size, SOCK_CLOEXEC | (non_blocking ? SOCK_NONBLOCK : 0)));
  if (connection) {
    auto source = endpoint_of(raw);
    if (source && source->address.is_local()) source->address = user_of(connection.get());
    return Arrival{std::move(connection), source.value_or(Endpoint{}), std::nullopt, nullptr, nullptr};
  }
  switch (errno) {
    case EAGAIN:
    case EINVAL:  // it stopped listening (cps)
      return std::unexpected(AcceptFailure::none_waiting);
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return std::unexpected(AcceptFailure::shortage);
    default:  // accept(2): errors of the connection itself and of the network are its own affair
      return std::unexpected(AcceptFailure::gone);
  }
}

void set_non_blocking(int connection) noexcept {
  const int flags = ::fcntl(connection, F_GETFL);
  if ((flags & O_NONBLOCK) == 0) (void)::fcntl(connection, F_SETFL, flags | O_NONBLOCK);
}

Task<bool> send_all(Loop& loop, int connection, std::string bytes, Instant deadline) {
  std::optional<Watch> watch;
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = ::send(connection, bytes.data() + sent, bytes.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) co_return false;
    if (!watch) watch.emplace(loop, connection);
    const Wake wake = co_await watch->writable(deadline);
    if (wake != Wake::ready) co_return false;
  }
  co_return true;
}

Task<bool> send_file(Loop& loop, int connection, UniqueFd file, Instant deadline) {
  static constexpr std::size_t kPiece = 64 * 1024;
  off_t position = 0;
  for (;;) {
    std::string piece(kPiece, '\0');
    const ssize_t count = ::pread(file.get(), piece.data(), piece.size(), position);
    if (count <= 0) co_return count == 0;
    piece.resize(static_cast<std::size_t>(count));
    position += count;
    const bool sent = co_await send_all(loop, connection, std::move(piece), deadline);
    if (!sent) co_return false;
  }
}

Task<> close_gently(Loop& loop, UniqueFd connection, Instant deadline) {
  (void)::shutdown(connection.get(), SHUT_WR);
  Watch watch(loop, connection.get());
  std::array<char, 4096> scratch{};
  for (;;) {
    // MSG_TRUNC: tcp(7) throws the bytes away without copying them.
    const ssize_t count = ::recv(connection.get(), scratch.data(), scratch.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) break;
    const Wake wake = co_await watch.readable(deadline);
    if (wake != Wake::ready) break;
  }
}

std::optional<Endpoint> original_destination(int connection) noexcept {
  // An IPv4 client of an IPv6 socket has its answer at the IPv4 level. <linux/netfilter_ipv4.h> and its sister, which can't be
  // included beside <netinet/in.h>.
  constexpr int kOriginalDestination = 80;
  for (const int level : {SOL_IP, SOL_IPV6}) {
    sockaddr_storage raw{};
    socklen_t size = level == SOL_IP ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (::getsockopt(connection, level, kOriginalDestination, &raw, &size) == 0) return endpoint_of(raw);
  }
  return std::nullopt;
}

std::optional<Endpoint> local_endpoint(int connection) noexcept {
  sockaddr_storage raw{};
  socklen_t size = sizeof raw;
  if (::getsockname(connection, reinterpret_cast<sockaddr*>(&raw), &size) != 0) return std::nullopt;
  return endpoint_of(raw);
}

}  // namespace reeve
