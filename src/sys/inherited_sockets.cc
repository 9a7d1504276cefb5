#include "sys/inherited_sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include "sys/descriptors.h"

namespace reeve {

namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr int kMost = 10'000;

std::optional<int> number_in(const char* name) {
  const char* const text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  const std::string_view digits = text;
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

int option(int fd, int level, int name) noexcept {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

// The path of a unix(7) socket, "@name" for an abstract one; empty for others.
std::string path_of(int fd) {
  sockaddr_un raw{};
  socklen_t size = sizeof raw;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &size) != 0 || raw.sun_family != AF_UNIX) return {};
  const std::size_t length = std::min<std::size_t>(size, sizeof raw) - offsetof(sockaddr_un, sun_path);
  std::string path(raw.sun_path, length);
  if (path.starts_with('\0')) return "@" + path.substr(1);
  return path.substr(0, path.find('\0'));
}

// How it would have been asked for.
std::optional<ListenAt> bound_at(int fd) {
  const int type = option(fd, SOL_SOCKET, SO_TYPE);
  ListenAt at;
  at.path = path_of(fd);
  at.type = type;
  if (!at.path.empty() && type >= 0) return at;
  const std::vector<Endpoint> bound = bound_endpoints(fd);
  if (bound.empty() || type < 0) return std::nullopt;
  at.address = bound.front().address;
  at.port = bound.front().port;
  at.protocol = option(fd, SOL_SOCKET, SO_PROTOCOL);
  const bool v4 = option(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET;
  at.family = v4 ? ListenAt::Family::v4 : bound.size() == 2 ? ListenAt::Family::any : ListenAt::Family::v6;
  at.v6only = at.family == ListenAt::Family::v6;
  return at;
}

// 0.0.0.0 and :: are one to who asks for all of a family.
bool is_at(const ListenAt& bound, const ListenAt& wanted) noexcept {
  if (bound.path != wanted.path) return false;
  if (!wanted.path.empty()) return bound.type == wanted.type;
  if (bound.type != wanted.type || bound.port != wanted.port || (wanted.protocol != 0 && bound.protocol != wanted.protocol)) return false;
  if (!wanted.address.is_unspecified()) return bound.address == wanted.address;
  if (!bound.address.is_unspecified()) return false;
  if (wanted.family == ListenAt::Family::v4) return bound.family == ListenAt::Family::v4;
  const bool v6only = wanted.v6only || wanted.family == ListenAt::Family::v6;
  return bound.family == (v6only ? ListenAt::Family::v6 : ListenAt::Family::any);
}

}  // namespace

InheritedSockets InheritedSockets::from_environment() {
  InheritedSockets inherited;
  const bool for_us = number_in("LISTEN_PID") == ::getpid();
  const int count = number_in("LISTEN_FDS").value_or(0);
  const char* const given = std::getenv("LISTEN_FDNAMES");
  std::string_view names = given == nullptr ? "" : given;
  for (int fd = kFirst; for_us && fd < kFirst + count && fd < kFirst + kMost; ++fd) {
    Socket socket;
    const std::size_t colon = names.find(':');
    socket.name = names.substr(0, colon);
    names = colon == std::string_view::npos ? "" : names.substr(colon + 1);
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) {
      socket.fd.reset(fd);
      socket.at = bound_at(fd);
    }
    inherited.sockets_.push_back(std::move(socket));
  }
  inherited.count_ = static_cast<int>(inherited.sockets_.size());
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  return inherited;
}

void InheritedSockets::move_up() {
  for (Socket& socket : sockets_) {
    if (socket.fd) socket.fd = keep_high(std::move(socket.fd));
  }
}

std::optional<InheritedSockets::Taken> InheritedSockets::take(Socket& socket) {
  make_listener(socket.fd.get(), *socket.at);
  Taken taken{std::move(socket.fd), *socket.at};
  sockets_.erase(sockets_.begin() + (&socket - sockets_.data()));
  return taken;
}

std::optional<InheritedSockets::Taken> InheritedSockets::take_named_at(std::string_view name, const ListenAt& wanted) {
  for (Socket& socket : sockets_) {
    if (socket.name == name && socket.at && is_at(*socket.at, wanted)) return take(socket);
  }
  return std::nullopt;
}

std::optional<InheritedSockets::Taken> InheritedSockets::take_named(std::string_view name, const ListenAt& wanted) {
  for (Socket& socket : sockets_) {
    if (socket.name == name && socket.at && socket.at->type == wanted.type && socket.at->path.empty() == wanted.path.empty())
      return take(socket);
  }
  return std::nullopt;
}

std::optional<InheritedSockets::Taken> InheritedSockets::take_at(const ListenAt& wanted) {
  for (Socket& socket : sockets_) {
    if (socket.at && is_at(*socket.at, wanted)) return take(socket);
  }
  return std::nullopt;
}

std::vector<std::string> InheritedSockets::close_left() {
  std::vector<std::string> left;
  for (const Socket& socket : sockets_) {
    std::string text = "something that is no such socket";
    if (socket.at) text = socket.at->path.empty() ? to_text(Endpoint{socket.at->address, socket.at->port}) : socket.at->path;
    if (socket.at) text += socket.at->type == SOCK_DGRAM ? ", datagrams" : ", a stream";
    if (!socket.name.empty()) text += ", named " + socket.name;
    left.push_back(std::move(text));
  }
  sockets_.clear();
  return left;
}

}  // namespace reeve
