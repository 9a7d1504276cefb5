// What the rules of tcp wrappers are made from: hosts.allow, hosts.deny, and the files and netgroups that they name.
//
// Read by the monitor into a bundle (config/bundle.h), which travels to the engine, and by `reeve`. Pure but for its
// FileReader. A file that is not there counts as empty. One that is there and can't be read or trusted is a problem at
// line 0 of it: rules in hosts.deny then refuse everybody, and whoever meets a pattern of it is refused.
#pragma once

#include <cstddef>
#include <string>

#include "base/file_reader.h"
#include "config/bundle.h"

namespace reeve {

struct WrapPaths {
  std::string allow = "/etc/hosts.allow";
  std::string deny = "/etc/hosts.deny";
  std::string netgroup = "/etc/netgroup";
  std::string name_switch = "/etc/nsswitch.conf";
};

// Files that patterns may name, one in another; further ones count as unreadable.
constexpr std::size_t kMaxPatternFiles = 500;

[[nodiscard]] Bundle gather_wrap_rules(const WrapPaths& paths, FileReader& reader);

}  // namespace reeve
