#include "engine/wrap_banners.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.h"

namespace reeve {

Result<std::string> read_wrap_banner(const std::string& directory, const std::string& daemon) {
  const std::string path = directory + (directory.ends_with('/') ? "" : "/") + daemon;
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return failure("banner " + path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failure("banner " + path, errno);
  if (!S_ISREG(status.st_mode)) return failure("banner " + path + ": is not a regular file");
  std::string text(kMaxWrapBanner + 1, '\0');
  const ssize_t count = ::pread(file.get(), text.data(), text.size(), 0);
  if (count < 0) return failure("banner " + path, errno);
  if (static_cast<std::size_t>(count) > kMaxWrapBanner) {
    return failure("banner " + path + ": more than " + std::to_string(kMaxWrapBanner) + " bytes");
  }
  text.resize(static_cast<std::size_t>(count));
  return text;
}

std::string with_network_newlines(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  for (const char byte : text) {
    if (byte == '\n') out += '\r';
    out += byte;
  }
  return out;
}

}  // namespace reeve
