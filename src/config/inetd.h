// inetd.conf: services in the older language, read beside xinetd.conf under -inetd_compat.
//
//   service  socket_type  protocol  wait|nowait[.max]  user[.group]  server|internal  arguments...
//
// A line is turned into the assignments that the same service would have in xinetd.conf, so both
// languages mean the same by construction. A bad line is skipped with a warning. A service that
// xinetd.conf has already, even switched off, keeps its place.
#pragma once

#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/file_reader.h"
#include "base/result.h"
#include "config/bundle.h"
#include "config/draft.h"

namespace reeve {

inline constexpr const char* kInetdConf = "/etc/inetd.conf";

// Reads `path` and adds it to the bundle's files as its inetd_file.
[[nodiscard]] Result<void> add_inetd(Bundle& bundle, const std::string& path, FileReader& reader);

// Applies what the words of one line say to the draft of a service that has just begun. False when the
// line can't be understood at all.
[[nodiscard]] bool apply_inetd_line(Desk& desk, Draft& draft, const std::vector<Word>& words);

// Which services the other configuration speaks of.
class ConfiguredElsewhere {
 public:
  void add(const Service& service);
  [[nodiscard]] bool has(const Service& service) const;

 private:
  boost::unordered_flat_set<std::string> names_and_ports_;
};

}  // namespace reeve
