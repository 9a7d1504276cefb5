#include "record/sink.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace reeve {

bool Sink::add(std::string_view message) {
  if (is_sick_ && pending_bytes() + message.size() > most_pending()) {
    ++lost_;
    return false;
  }
  if (is_sick_) ++late_;
  pending_.append(message);
  return true;
}

std::optional<SteadyTime> Sink::next_write() const noexcept {
  if (pending_bytes() == 0) return std::nullopt;
  return retry_at_;
}

std::uint64_t Sink::pending_messages() const noexcept {
  return static_cast<std::uint64_t>(std::count(pending_.begin() + static_cast<std::ptrdiff_t>(written_), pending_.end(), terminator_));
}

void Sink::fall_sick(const Progress& progress, SteadyTime now) {
  if (!is_sick_) {
    is_sick_ = true;
    failure_told_ = false;
    sick_since_ = now;
    sys_errno_ = progress.sys_errno;
    late_ = pending_messages();
  }
  // A reader that is only slow is worth a quick look.
  constexpr std::chrono::milliseconds kSoon{5};
  retry_at_ = now + (progress.bytes > 0 ? kSoon : std::min<SteadyTime::duration>(kRetry, kSoon + (now - sick_since_) / 2));
}

std::uint64_t Sink::write(SteadyTime now) {
  if (pending_bytes() == 0 || now < retry_at_) return 0;
  const Progress progress = write_some(std::string_view(pending_).substr(written_));
  written_ += progress.bytes;
  lost_ += progress.given_up;
  if (progress.sys_errno != 0) {
    fall_sick(progress, now);
    if (written_ > pending_.size() / 2) {
      pending_.erase(0, written_);
      written_ = 0;
    }
    return progress.given_up;
  }
  constexpr std::size_t kKeep = 64u << 10;
  pending_.clear();
  if (pending_.capacity() > kKeep) pending_.shrink_to_fit();
  written_ = 0;
  return progress.given_up;
}

std::optional<int> Sink::take_failure(SteadyTime now) noexcept {
  if (!is_sick_ || failure_told_ || now - sick_since_ < kWorthTelling) return std::nullopt;
  failure_told_ = true;
  return sys_errno_;
}

std::optional<Sink::Recovery> Sink::take_recovery(SteadyTime now) {
  if (pending_bytes() != 0 || (!is_sick_ && lost_ == 0)) return std::nullopt;
  Recovery recovery{.lost = std::exchange(lost_, 0)};
  if (std::exchange(is_sick_, false)) {
    recovery.late = late_;
    recovery.sys_errno = sys_errno_;
    recovery.lasted = std::chrono::floor<std::chrono::milliseconds>(now - sick_since_);
  }
  if (recovery.lost == 0 && recovery.lasted < kWorthTelling) return std::nullopt;
  return recovery;
}

FileSink::FileSink(JournalFile file) : Sink(file.path, '\n'), file_(std::move(file)) {
  struct stat status {};
  is_regular_ = file_.fd && ::fstat(file_.fd.get(), &status) == 0 && S_ISREG(status.st_mode);
  size_ = size_on_disk();
}

std::uint64_t FileSink::size_on_disk() const noexcept {
  struct stat status {};
  if (!is_regular_ || ::fstat(file_.fd.get(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

FileSink::Admission FileSink::admit(std::size_t bytes) {
  if (ended_) return Admission::ended;
  // Others write to the file too, and may have emptied it.
  const bool has_limit = file_.hard_limit != 0 || file_.soft_limit != 0;
  if (has_limit && pending_bytes() == 0) size_ = size_on_disk();
  if (file_.hard_limit != 0 && size_ + bytes > file_.hard_limit) {
    ended_ = true;
    return Admission::hard_limit;
  }
  size_ += bytes;
  if (file_.soft_limit == 0 || size_ <= file_.soft_limit || soft_said_) return Admission::free;
  soft_said_ = true;
  return Admission::soft_limit;
}

Sink::Progress FileSink::write_some(std::string_view pending) {
  Progress progress;
  while (progress.bytes < pending.size()) {
    std::string_view chunk = pending.substr(progress.bytes);
    if (!is_regular_) {
      // A pipe that has room at all takes PIPE_BUF bytes at once.
      chunk = chunk.substr(0, PIPE_BUF);
      pollfd writable{file_.fd.get(), POLLOUT, 0};
      if (::poll(&writable, 1, 0) != 1) return {progress.bytes, EAGAIN};
    }
    const ssize_t written = ::write(file_.fd.get(), chunk.data(), chunk.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return {progress.bytes, written < 0 ? errno : EIO};
    progress.bytes += static_cast<std::size_t>(written);
  }
  return progress;
}

SyslogSink::SyslogSink(std::string path) : Sink(path, '\0'), socket_(std::move(path)) {}

std::size_t SyslogSink::most_pending() const noexcept {
  // A system without a logger shall not cost half a megabyte; one that starts again finds the latest.
  constexpr std::size_t kMostAbsent = 32u << 10;
  return is_absent_ ? kMostAbsent : kMostPending;
}

Sink::Progress SyslogSink::write_some(std::string_view pending) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
  Progress progress;
  while (progress.bytes < pending.size()) {
    const std::string_view rest = pending.substr(progress.bytes);
    const std::string_view message = rest.substr(0, rest.find('\0'));
    const SyslogSocket::Outcome outcome = socket_.send(message);
    is_absent_ = outcome == SyslogSocket::Outcome::absent;
    if (is_absent_) {
      progress.sys_errno = socket_.last_errno();
      return progress;
    }
    if (outcome == SyslogSocket::Outcome::full) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() > 0 && socket_.wait_writable(left)) continue;
      progress.sys_errno = EAGAIN;
      return progress;
    }
    if (outcome == SyslogSocket::Outcome::refused) ++progress.given_up;
    progress.bytes += message.size() + 1;
  }
  return progress;
}

}  // namespace reeve
