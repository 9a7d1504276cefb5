#include "sys/config_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace reeve {
namespace {

// More entries than this are no directory of configuration files.
constexpr std::size_t kMaxDirectoryEntries = 100'000;

constexpr std::uint32_t kGroupWrites = 020, kOthersWrite = 02, kSticky = 01000;

int open_retrying(const std::string& path, int flags) noexcept {
  int fd = -1;
  do fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  while (fd < 0 && errno == EINTR);
  return fd;
}

std::string_view kind_of(mode_t mode) noexcept {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a FIFO";
    case S_IFSOCK:
      return "a socket";
    case S_IFCHR:
      return "a character device";
    case S_IFBLK:
      return "a block device";
    default:
      return "no regular file";
  }
}

Ownership ownership_of(const struct stat& status) noexcept {
  return {status.st_uid, status.st_gid, status.st_mode & 07777u};
}

// "/etc/xinetd.d" of "/etc/xinetd.d/ftp", "." of "ftp".
std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Where an open file really is, whatever links led there. Empty where /proc isn't mounted.
std::string real_path_of(int fd) {
  std::array<char, PATH_MAX> target{};
  const std::string link = fmt::format("/proc/self/fd/{}", fd);
  const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  if (length <= 0 || target[0] != '/') return {};
  return {target.data(), static_cast<std::size_t>(length)};
}

Result<void> judge(const std::string& path, Inode inode, const struct stat& status) {
  const auto reason = distrust(inode, ownership_of(status));
  if (!reason) return {};
  // A sticky directory is meant to be everybody's (/tmp): not one to take rights away from.
  const std::string remedy = (status.st_mode & kSticky) != 0 ? "use a directory that is root's alone"
                                                             : fmt::format("chown root:root '{0}' && chmod go-w '{0}'", path);
  return failure(fmt::format("{}: {}; only what root alone can change is obeyed: {}", path, *reason, remedy));
}

Result<void> judge_directory(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return failure("stat " + path, errno);
  return judge(path, Inode::directory, status);
}

// The directory in which the name stands and, behind links, the one in which the file stands: who can
// write to either can put another file in its place.
Result<void> judge_directories(const std::string& path, int fd) {
  const std::string named = directory_of(path);
  if (auto judged = judge_directory(named); !judged) return judged;
  const std::string real = real_path_of(fd);
  if (real.empty()) return {};
  return judge_directory(directory_of(real));
}

Result<std::string> read_bounded(const std::string& path, int fd, std::size_t expected) {
  std::string text;
  text.reserve(expected + 1);
  // Files of /proc say 0 and have more, and a file may grow meanwhile: only the bytes that come count.
  static constexpr std::size_t kPiece = 1u << 16;
  const auto piece = std::make_unique_for_overwrite<char[]>(kPiece);
  for (;;) {
    const ssize_t count = ::read(fd, piece.get(), kPiece);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("read " + path, errno);
    if (count == 0) return text;
    text.append(piece.get(), static_cast<std::size_t>(count));
    if (text.size() > kMaxFileBytes) return failure(fmt::format("{}: more than {} MiB", path, kMaxFileBytes >> 20));
  }
}

class SystemFiles final : public FileReader {
 public:
  explicit SystemFiles(Trust trust) : trust_(trust) {}

  Result<std::string> read_file(const std::string& path) override {
    // open(2) would take such a name for the part before the NUL.
    if (path.find('\0') != std::string::npos) return failure("a file name with a NUL byte");
    const UniqueFd fd{open_retrying(path, O_RDONLY)};
    if (!fd) return errno == ENXIO ? failure(path + ": is a socket or has no device") : failure("open " + path, errno);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return failure("stat " + path, errno);
    if (!S_ISREG(status.st_mode)) return failure(fmt::format("{}: is {}", path, kind_of(status.st_mode)));
    if (trust_ == Trust::root_only) {
      if (auto judged = judge(path, Inode::file, status); !judged) return std::unexpected(std::move(judged).error());
      if (auto judged = judge_directories(path, fd.get()); !judged) return std::unexpected(std::move(judged).error());
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > kMaxFileBytes) return failure(fmt::format("{}: {} bytes, more than {} MiB", path, size, kMaxFileBytes >> 20));
    return read_bounded(path, fd.get(), static_cast<std::size_t>(size));
  }

  Result<std::vector<std::string>> list_directory(const std::string& path) override {
    if (path.find('\0') != std::string::npos) return failure("a directory name with a NUL byte");
    UniqueFd fd{open_retrying(path, O_RDONLY | O_DIRECTORY)};
    if (!fd) return failure("open directory " + path, errno);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return failure("stat " + path, errno);
    if (trust_ == Trust::root_only) {
      if (auto judged = judge(path, Inode::listed_directory, status); !judged) return std::unexpected(std::move(judged).error());
    }
    DIR* directory = ::fdopendir(fd.get());
    if (directory == nullptr) return failure("read directory " + path, errno);
    (void)fd.release();  // closedir closes it
    auto names = entries(path, directory);
    ::closedir(directory);
    return names;
  }

 private:
  static Result<std::vector<std::string>> entries(const std::string& path, DIR* directory) {
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(directory);
      if (entry == nullptr && errno != 0) return failure("read directory " + path, errno);
      if (entry == nullptr) return names;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (names.size() == kMaxDirectoryEntries) return failure(fmt::format("{}: more than {} entries", path, kMaxDirectoryEntries));
      names.emplace_back(name);
    }
  }

  Trust trust_;
};

}  // namespace

Trust trust_of_this_process() noexcept {
  return ::geteuid() == 0 ? Trust::root_only : Trust::anybody;
}

std::unique_ptr<FileReader> system_files(Trust trust) {
  return std::make_unique<SystemFiles>(trust);
}

std::optional<std::string> distrust(Inode inode, const Ownership& ownership) {
  const auto [uid, gid, mode] = ownership;
  if (uid != 0) return fmt::format("it belongs to uid {} (mode {:04o})", uid, mode);
  if (inode == Inode::directory && (mode & kSticky) != 0) return std::nullopt;
  if ((mode & kOthersWrite) != 0) return fmt::format("anybody can write to it (mode {:04o})", mode);
  if ((mode & kGroupWrites) != 0 && gid != 0) return fmt::format("group {} can write to it (mode {:04o})", gid, mode);
  return std::nullopt;
}

}  // namespace reeve
