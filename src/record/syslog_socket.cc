#include "record/syslog_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace reeve {
namespace {

constexpr std::chrono::seconds kConnectPause{1};

UniqueFd connected(const std::string& path, int type, int& sys_errno) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    sys_errno = ENAMETOOLONG;
    return {};
  }
  path.copy(address.sun_path, path.size());
  UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  sys_errno = errno;
  return {};
}

}  // namespace

std::string syslog_header(std::uint8_t facility, std::uint8_t priority, std::string_view stamp, std::string_view program,
                          std::int32_t pid) {
  return fmt::format("<{}>{} {}[{}]: ", facility * 8 + priority, stamp, program, pid);
}

std::uint8_t syslog_priority(Level level) noexcept {
  constexpr std::array<std::uint8_t, 6> kPriorities{2, 3, 4, 5, 6, 7};
  return kPriorities[static_cast<std::size_t>(level)];
}

bool SyslogSocket::connect() {
  const auto now = std::chrono::steady_clock::now();
  if (now < connect_again_) return false;
  connect_again_ = now + kConnectPause;
  rest_.clear();  // its beginning went to the logger that is gone
  is_stream_ = false;
  fd_ = connected(path_, SOCK_DGRAM, last_errno_);
  if (!fd_ && last_errno_ == EPROTOTYPE) {
    is_stream_ = true;
    fd_ = connected(path_, SOCK_STREAM, last_errno_);
  }
  return static_cast<bool>(fd_);
}

SyslogSocket::Outcome SyslogSocket::send_rest() {
  while (!rest_.empty()) {
    const ssize_t sent = ::send(fd_.get(), rest_.data(), rest_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      last_errno_ = errno;
      if (errno == EAGAIN || errno == ENOBUFS) return Outcome::full;
      fd_.reset();
      return Outcome::absent;
    }
    rest_.erase(0, static_cast<std::size_t>(sent));
  }
  return Outcome::sent;
}

SyslogSocket::Outcome SyslogSocket::send(std::string_view message) {
  // Two attempts: a logger that was restarted shows as an error of the old socket.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!fd_ && !connect()) return Outcome::absent;
    if (is_stream_) {
      Outcome outcome = send_rest();
      if (outcome == Outcome::full) return outcome;
      if (outcome == Outcome::absent) continue;
      rest_.assign(message).push_back('\0');
      outcome = send_rest();
      if (outcome == Outcome::absent) continue;
      if (outcome == Outcome::full && rest_.size() == message.size() + 1) {
        rest_.clear();
        return outcome;
      }
      return Outcome::sent;  // the rest of it follows
    }
    if (::send(fd_.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return Outcome::sent;
    last_errno_ = errno;
    if (errno == EAGAIN || errno == ENOBUFS) return Outcome::full;
    if (errno == EMSGSIZE) return Outcome::refused;
    fd_.reset();
  }
  return Outcome::absent;
}

bool SyslogSocket::wait_writable(std::chrono::milliseconds most) const noexcept {
  if (!fd_) return false;
  pollfd wanted{fd_.get(), POLLOUT, 0};
  return ::poll(&wanted, 1, static_cast<int>(most.count())) > 0;
}

}  // namespace reeve
