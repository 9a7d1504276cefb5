#include "sys/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace reeve {

namespace {

std::size_t count_open_descriptors() noexcept {
  DIR* const directory = ::opendir("/proc/self/fd");
  // Without /proc: a guess on the safe side of what a monitor has open when it starts.
  if (directory == nullptr) return 16;
  std::size_t count = 0;
  while (const dirent* entry = ::readdir(directory)) count += entry->d_name[0] != '.' ? 1 : 0;
  ::closedir(directory);
  return count - 1;  // the directory itself
}

}  // namespace

Result<void> occupy_standard_streams() {
  for (;;) {
    const int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd < 0) return failure("open /dev/null", errno);
    if (fd > 2) {
      ::close(fd);
      return {};
    }
    ::fcntl(fd, F_SETFD, 0);
  }
}

Result<void> silence_standard_streams(bool errors_too) {
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return failure("open /dev/null", errno);
  for (int fd = 0; fd <= (errors_too ? 2 : 1); ++fd) {
    if (::dup2(null.get(), fd) < 0) return failure("dup2 of /dev/null", errno);
  }
  return {};
}

void close_from(int first) noexcept {
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) return;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const int end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65'536));
  for (int fd = first; fd < end; ++fd) ::close(fd);
}

rlimit raise_descriptor_limit() noexcept {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit raised = before;
  raised.rlim_cur = raised.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &raised);
  return before;
}

int first_high_descriptor() noexcept {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  // Room for the connections that are being handed over, no more than a quarter of all.
  return static_cast<int>(std::min<rlim_t>(256, limit.rlim_cur / 4));
}

UniqueFd keep_high(UniqueFd fd) noexcept {
  const int first = first_high_descriptor();
  if (!fd || fd.get() >= first) return fd;
  const int high = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, first);
  return high >= 0 ? UniqueFd(high) : std::move(fd);
}

std::size_t free_descriptors() noexcept {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto most = static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, 1u << 30));
  const std::size_t open = count_open_descriptors();
  return most > open ? most - open : 0;
}

void reserve_descriptors(std::size_t count) noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == 0) return;
  const int last = static_cast<int>(std::min<rlim_t>({count, limit.rlim_cur - 1, 1 << 20}));
  const UniqueFd highest(::fcntl(0, F_DUPFD_CLOEXEC, last));
}

}  // namespace reeve
