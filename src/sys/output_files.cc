#include "sys/output_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace reeve {

namespace {

constexpr int kQuietly = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

}  // namespace

Result<UniqueFd> open_log_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | kQuietly, 0644));
  if (!fd) return failure("open " + path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return failure("fstat " + path, errno);
  if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) return failure(path + " is neither a regular file nor a device");
  return fd;
}

Result<UniqueFd> open_private_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | kQuietly, 0600));
  if (!fd) return failure("open " + path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return failure("fstat " + path, errno);
  if (!S_ISREG(status.st_mode)) return failure(path + " is not a regular file");
  if (::fchmod(fd.get(), 0600) != 0) return failure("fchmod " + path, errno);
  if (::ftruncate(fd.get(), 0) != 0) return failure("truncate " + path, errno);
  return fd;
}

Result<void> write_pid_file(const std::string& path, pid_t pid) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  const UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | kQuietly, 0644));
  if (!fd) return failure("open " + beside, errno);
  // Whatever the umask.
  ::fchmod(fd.get(), 0644);
  if (!write_text(fd.get(), std::to_string(pid) + "\n")) return failure("write " + beside, errno);
  if (std::rename(beside.c_str(), path.c_str()) != 0) return failure("rename " + beside + " to " + path, errno);
  return {};
}

void remove_file(const std::string& path) noexcept {
  ::unlink(path.c_str());
}

bool is_directory(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool write_text(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace reeve
