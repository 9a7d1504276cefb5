#include "engine/ident.h"

#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/unique_fd.h"
#include "policy/ident_answer.h"

namespace reeve {
namespace {

constexpr std::uint16_t kIdentPort = 113;

// An IPv4 client of an IPv6 socket has an IPv4 machine to ask.
void unmap(sockaddr_storage& raw) noexcept {
  const auto endpoint = endpoint_of(raw);
  if (raw.ss_family != AF_INET6 || !endpoint || !endpoint->address.is_v4()) return;
  sockaddr_in plain{};
  plain.sin_family = AF_INET;
  plain.sin_port = htons(endpoint->port);
  plain.sin_addr.s_addr = htonl(endpoint->address.to_v4());
  raw = {};
  std::memcpy(&raw, &plain, sizeof plain);
}

void set_port(sockaddr_storage& raw, std::uint16_t port) noexcept {
  if (raw.ss_family == AF_INET) {
    reinterpret_cast<sockaddr_in&>(raw).sin_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in6&>(raw).sin6_port = htons(port);
  }
}

RemoteUser unknown(std::string reason) {
  RemoteUser user;
  user.state = RemoteUser::State::unknown;
  user.reason = std::move(reason);
  return user;
}

std::string reason_of(int error) {
  if (error == ECONNREFUSED) return "no server";
  if (error == ETIMEDOUT) return "no answer";
  return "cannot be asked";
}

}  // namespace

std::optional<IdentQuestion> ident_question(int connection) noexcept {
  IdentQuestion question;
  socklen_t size = sizeof question.server;
  if (::getpeername(connection, reinterpret_cast<sockaddr*>(&question.server), &size) != 0) return std::nullopt;
  size = sizeof question.from;
  if (::getsockname(connection, reinterpret_cast<sockaddr*>(&question.from), &size) != 0) return std::nullopt;
  const auto client = endpoint_of(question.server), called = endpoint_of(question.from);
  if (!client || !called) return std::nullopt;
  question.theirs = client->port;
  question.ours = called->port;
  question.client = client->address;
  unmap(question.server);
  unmap(question.from);
  set_port(question.server, kIdentPort);
  set_port(question.from, 0);
  question.size = question.server.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  return question;
}

Task<RemoteUser> ask_ident(Loop& loop, IdentQuestion question, Instant deadline) {
  RemoteUser result;
  const UniqueFd socket(::socket(question.server.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto* const from = reinterpret_cast<const sockaddr*>(&question.from);
  const auto* const server = reinterpret_cast<const sockaddr*>(&question.server);
  int error = 0;
  if (!socket || ::bind(socket.get(), from, question.size) != 0 || ::connect(socket.get(), server, question.size) != 0) error = errno;
  if (error != 0 && error != EINPROGRESS) {
    result = unknown(reason_of(error));
    co_return result;
  }
  Watch watch(loop, socket.get());
  if (error == EINPROGRESS) {
    const Wake connected = co_await watch.writable(deadline);
    socklen_t size = sizeof error;
    if (connected != Wake::ready || ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = ETIMEDOUT;
    if (error != 0) {
      result = unknown(reason_of(error));
      co_return result;
    }
  }
  // The buffer of a new connection takes so little at once.
  const std::string line = ident_question_line(question.theirs, question.ours);
  if (::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
    result = unknown("cannot be asked");
    co_return result;
  }
  std::string answer;
  while (answer.size() <= kMaxIdentAnswer && answer.find('\n') == std::string::npos) {
    std::array<char, kMaxIdentAnswer> piece;
    const ssize_t count = ::recv(socket.get(), piece.data(), piece.size(), 0);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) break;
    if (count > 0) {
      answer.append(piece.data(), static_cast<std::size_t>(count));
      continue;
    }
    const Wake wake = co_await watch.readable(deadline);
    if (wake != Wake::ready) break;
  }
  result = read_ident_answer(answer, question.theirs, question.ours);
  co_return result;
}

}  // namespace reeve
