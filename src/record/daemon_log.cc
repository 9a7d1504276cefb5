#include "record/daemon_log.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include <fmt/format.h>

#include "record/record.h"
#include "record/stamp.h"
#include "record/syslog_socket.h"

namespace reeve {
namespace {

// What others see of the daemon's log is what they see of xinetd's: anybody may read it.
constexpr mode_t kMode = 0644;

UniqueFd duplicate(int fd) noexcept {
  return UniqueFd(fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

}  // namespace

std::string_view to_text(Level level) noexcept {
  constexpr std::array<std::string_view, 6> kNames{"CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"};
  return kNames[static_cast<std::size_t>(level)];
}

std::string daemon_line(std::string_view program, std::int32_t pid, Level level, WallTime wall, std::string_view text) {
  return fmt::format("{} {}[{}]: {}: {}\n", xinetd_stamp(wall), program, pid, to_text(level), harmless(text));
}

struct DaemonLog::State {
  std::string program;
  std::int32_t pid;
  DaemonLogTarget target;
  SyslogSocket syslog;
  std::string unfinished;  // end of a line that the file took in part
  std::uint64_t lost = 0;

  [[nodiscard]] int file() const noexcept { return target.kind == DaemonLogTarget::Kind::stderr_ ? STDERR_FILENO : target.fd.get(); }

  // All of `line` is written, or will be (its end is `unfinished`).
  [[nodiscard]] bool write_line(std::string line) {
    // A pipe or terminal that nobody reads.
    pollfd writable{file(), POLLOUT, 0};
    if (::poll(&writable, 1, 0) != 1 || (writable.revents & POLLOUT) == 0) return false;
    const std::size_t before = unfinished.size();
    line.insert(0, unfinished);
    const ssize_t written = ::write(file(), line.data(), line.size());
    if (written <= 0) return false;
    const auto bytes = static_cast<std::size_t>(written);
    if (bytes <= before) {
      unfinished.erase(0, bytes);
      return false;
    }
    unfinished = line.substr(bytes);
    return true;
  }

  [[nodiscard]] bool write_syslog(Level level, WallTime wall, std::string_view text) {
    std::string message = syslog_header(target.facility, syslog_priority(level), syslog_stamp(wall), program, pid);
    return syslog.send(message += harmless(text)) == SyslogSocket::Outcome::sent;
  }

  [[nodiscard]] bool write(Level level, WallTime wall, std::string_view text) {
    if (target.kind == DaemonLogTarget::Kind::syslog) return write_syslog(level, wall, text);
    return write_line(daemon_line(program, pid, level, wall, text));
  }
};

DaemonLog::DaemonLog(std::string program, std::int32_t pid, DaemonLogTarget target) {
  SyslogSocket syslog(target.syslog_path);
  state_.reset(new State{std::move(program), pid, std::move(target), std::move(syslog), {}, 0});
}

DaemonLog::~DaemonLog() = default;

void DaemonLog::say(Level level, std::string_view text) {
  if (level > state_->target.least) return;
  const WallTime wall = std::chrono::system_clock::now();
  if (state_->lost > 0 && state_->write(Level::warning, wall, fmt::format("{} messages lost", state_->lost))) state_->lost = 0;
  if (!state_->write(level, wall, text)) ++state_->lost;
}

Result<void> DaemonLog::reopen() {
  if (state_->target.kind != DaemonLogTarget::Kind::file) return {};
  const std::string& path = state_->target.path;
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, kMode));
  if (!fd) return failure("open " + path, errno);
  state_->target.fd = std::move(fd);
  state_->unfinished.clear();
  return {};
}

void DaemonLog::set_pid(std::int32_t pid) {
  state_->pid = pid;
}

DaemonLogTarget DaemonLog::duplicate_target() const {
  const DaemonLogTarget& own = state_->target;
  return {own.kind, own.path, duplicate(own.fd.get()), own.facility, own.least, own.syslog_path};
}

int DaemonLog::fd() const noexcept {
  return state_->target.fd.get();
}

}  // namespace reeve
