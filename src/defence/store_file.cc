#include "defence/store_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace reeve {
namespace {

constexpr mode_t kOwnerOnly = 0600;

std::string stamp(WallTime now) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                     parts.tm_sec);
}

// Never onto a file that is there. False: it is.
Result<bool> move_to_free_place(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  return failure("rename " + from + " to " + to, errno);
}

}  // namespace

Result<void> make_store_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kOwnerOnly));
  if (!file) return failure("open " + path, errno);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return failure("stat " + path, errno);
  if (!S_ISREG(facts.st_mode)) return failure(path + " is not a regular file");
  if ((facts.st_mode & 07777) != kOwnerOnly && ::fchmod(file.get(), kOwnerOnly) != 0) return failure("chmod 600 " + path, errno);
  return {};
}

std::optional<FileIdentity> identity_of(const std::string& path) noexcept {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return std::nullopt;
  return FileIdentity{.device = facts.st_dev, .inode = facts.st_ino};
}

Result<std::string> move_store_aside(const std::string& path, WallTime now) {
  const std::string base = path + ".damaged-" + stamp(now);
  constexpr int kMostTries = 1'000;
  for (int number = 1; number <= kMostTries; ++number) {
    const std::string place = number == 1 ? base : base + "-" + std::to_string(number);
    const auto moved = move_to_free_place(path, place);
    if (!moved) return std::unexpected(moved.error());
    if (!*moved) continue;
    // The log belongs to it: SQLite finds it by its name.
    const auto log_moved = move_to_free_place(path + "-wal", place + "-wal");
    if (!log_moved && log_moved.error().sys_errno != ENOENT) return std::unexpected(log_moved.error());
    if (log_moved && !*log_moved) return failure(place + "-wal is there already");
    return place;
  }
  return failure("there are " + std::to_string(kMostTries) + " files " + base + "-N");
}

}  // namespace reeve
