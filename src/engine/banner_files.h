// BannerFiles: the texts of banner, banner_success and banner_fail, and of sensors.
//
// A banner is read again when its file changed, so that an edited one counts for the next client. Banners of
// more than kMaxKeptBytes are not kept in memory but read piece by piece as their client takes them. Only
// regular files are taken, opened without waiting: a banner that is a FIFO or a device is left out and said
// once, and holds up nobody.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "config/service.h"
#include "record/journal.h"

namespace reeve {

class BannerFiles {
 public:
  static constexpr std::size_t kMaxKeptBytes = 64u << 10;

  // One banner to send: a text, or a file from its beginning.
  struct Part {
    std::string text;
    UniqueFd file;
  };

  explicit BannerFiles(Journal& journal) noexcept : journal_(journal) {}

  // What to send to a client: `always` first, then `success` or `fail`. Empty when there is nothing.
  [[nodiscard]] std::vector<Part> greeting(const Banners& banners, bool refused);
  // The first kMaxKeptBytes of a file. Empty when there is nothing.
  [[nodiscard]] std::string beginning(Text path);

 private:
  struct Banner {
    std::int64_t device = 0, inode = 0, size = -1, modified_ns = 0;
    std::string text;
    bool complained = false;
  };
  Part part_of(Text path);
  void complain(Banner& banner, const std::string& path, std::string_view why);

  Journal& journal_;
  std::map<std::string, Banner, std::less<>> banners_;  // bounded by the configurations that were in force
};

}  // namespace reeve
