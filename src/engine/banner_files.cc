#include "engine/banner_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"
#include "sys/clock.h"

namespace reeve {

std::vector<BannerFiles::Part> BannerFiles::greeting(const Banners& banners, bool refused) {
  std::vector<Part> all;
  for (const Text path : {banners.always, refused ? banners.fail : banners.success}) {
    if (path.empty()) continue;
    Part part = part_of(path);
    if (part.file || !part.text.empty()) all.push_back(std::move(part));
  }
  return all;
}

std::string BannerFiles::beginning(Text path) {
  Part part = part_of(path);
  if (!part.file) return std::move(part.text);
  std::string text(kMaxKeptBytes, '\0');
  const ssize_t count = ::pread(part.file.get(), text.data(), text.size(), 0);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

void BannerFiles::complain(Banner& banner, const std::string& path, std::string_view why) {
  banner.text.clear();
  banner.size = -1;
  if (banner.complained) return;
  banner.complained = true;
  journal_.say(Level::error, wall_now(), "banner " + path + ": " + std::string(why) + "; clients get none");
}

BannerFiles::Part BannerFiles::part_of(Text path) {
  auto found = banners_.find(path);
  if (found == banners_.end()) found = banners_.emplace(std::string(path), Banner{}).first;
  const std::string& name = found->first;
  Banner& banner = found->second;

  struct stat status {};
  if (::stat(name.c_str(), &status) != 0) {
    complain(banner, name, std::strerror(errno));
    return {};
  }
  const std::int64_t modified = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  if (banner.size == status.st_size && banner.inode == static_cast<std::int64_t>(status.st_ino) && banner.modified_ns == modified &&
      banner.device == static_cast<std::int64_t>(status.st_dev)) {
    return {banner.text, UniqueFd()};
  }
  if (!S_ISREG(status.st_mode)) {
    complain(banner, name, "is not a regular file");
    return {};
  }
  UniqueFd file(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) {
    complain(banner, name, std::strerror(errno));
    return {};
  }
  if (static_cast<std::uint64_t>(status.st_size) > kMaxKeptBytes) return {std::string(), std::move(file)};
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t count = ::pread(file.get(), text.data(), text.size(), 0);
  if (count < 0) {
    complain(banner, name, std::strerror(errno));
    return {};
  }
  text.resize(static_cast<std::size_t>(count));
  banner = {
      static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino), status.st_size, modified, std::move(text), false};
  return {banner.text, UniqueFd()};
}

}  // namespace reeve
