// Host databases: what files of this machine say about hosts: hosts(5), and the order in which nsswitch.conf(5)
// wants hosts(5) and DNS to be asked.
//
// Read when first asked, and again when they changed (looked at once a second at most). Used by the resolver; both
// files are the administrator's and readable by everybody.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/time.h"

namespace reeve {

// hosts(5), parsed. Lines that are none are left out, names that are no host names too.
struct HostsTable {
  // Of each address the names of the first line it stands in, the canonical one first.
  std::map<Address, std::vector<std::string>> names;
  // Of each name the addresses of all its lines. In small letters.
  std::map<std::string, std::vector<Address>, std::less<>> addresses;
};
[[nodiscard]] HostsTable parse_hosts(std::string_view text);

enum class HostSource : std::uint8_t { files, dns };
// The line `hosts:` of nsswitch.conf(5); sources that we have not are left out. Without such a line: files, then DNS.
[[nodiscard]] std::vector<HostSource> parse_host_order(std::string_view text);

// A file's identity, to see whether it was changed or replaced.
class FileMark {
 public:
  explicit FileMark(std::string path) : path_(std::move(path)) {}
  // True the first time, and when the file is another one now than at the last call.
  [[nodiscard]] bool changed() noexcept;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  struct stat last_ {};
  bool known_ = false;
};

class HostDatabases {
 public:
  static constexpr std::size_t kMaxFile = 8 * 1024 * 1024;  // what is behind is not read

  HostDatabases(std::string hosts, std::string nsswitch) : hosts_mark_(std::move(hosts)), nsswitch_mark_(std::move(nsswitch)) {}

  // Looks whether the files changed. True if one did: what was concluded from them may be wrong now.
  bool refresh(Instant now);
  [[nodiscard]] const HostsTable& hosts() const noexcept { return hosts_; }
  [[nodiscard]] const std::vector<HostSource>& order() const noexcept { return order_; }

 private:
  FileMark hosts_mark_, nsswitch_mark_;
  Instant looked_ = Instant::min();
  HostsTable hosts_;
  std::vector<HostSource> order_;
};

}  // namespace reeve
