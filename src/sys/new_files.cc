#include "sys/new_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace reeve {
namespace {

Result<void> write_one(const std::string& path, std::string_view text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!fd) return failure("create " + path, errno);
  while (!text.empty()) {
    const ssize_t count = ::write(fd.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      ::unlink(path.c_str());
      return failure("write " + path, error);
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> replace_one(const std::string& path, std::string_view text) {
  const std::string beside = fmt::format("{}.new-{}", path, ::getpid());
  if (const Result<void> written = write_one(beside, text); !written) return written;
  if (::rename(beside.c_str(), path.c_str()) == 0) return {};
  const int error = errno;
  ::unlink(beside.c_str());
  return failure("replace " + path, error);
}

}  // namespace

Result<void> write_new_files(std::span<const NewFile> files, bool may_replace) {
  for (const NewFile& file : files) {
    struct stat status {};
    if (!may_replace && ::lstat(file.path.c_str(), &status) == 0) return failure(file.path + ": is there already; nothing was written", 0);
  }
  for (const NewFile& file : files) {
    const Result<void> written = may_replace ? replace_one(file.path, file.text) : write_one(file.path, file.text);
    if (!written) return written;
  }
  return {};
}

}  // namespace reeve
