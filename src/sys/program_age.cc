#include "sys/program_age.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>

namespace reeve {

namespace {

WallTime changed(const struct stat& file) noexcept {
  const auto since_epoch = std::chrono::seconds(file.st_ctim.tv_sec) + std::chrono::nanoseconds(file.st_ctim.tv_nsec);
  return WallTime(std::chrono::duration_cast<WallTime::duration>(since_epoch));
}

}  // namespace

bool runs_old_program(pid_t pid, const char* path, WallTime started) noexcept {
  std::array<char, 32> name{};
  (void)std::snprintf(name.data(), name.size(), "/proc/%d/exe", static_cast<int>(pid));
  struct stat executed {
  }, there{}, link{};
  const bool may_see = ::stat(name.data(), &executed) == 0;
  if (!may_see && errno != EACCES && errno != EPERM) return false;
  if (::stat(path, &there) != 0 || ::lstat(path, &link) != 0) return errno == ENOENT || errno == ENOTDIR;
  if (may_see && executed.st_dev == there.st_dev && executed.st_ino == there.st_ino) return false;
  return changed(there) > started || changed(link) > started;
}

}  // namespace reeve
