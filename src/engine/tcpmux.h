// Tcpmux: the services that stand behind tcpmux (RFC 1078), by name.
//
// Used by the reception, whose half for tcpmux is in tcpmux.cc:
//
//   accept ── admit to tcpmux ── a line with a name ── find ── admit to that service ── greet, run, account
//
// Only services of type TCPMUX and TCPMUXPLUS that are switched on are here, and nothing else can be reached by name.
// A service that was found is visited like by any other way: its own access lists, limits, banners, log and user.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "engine/gate.h"
#include "engine/post.h"

namespace reeve {

class Tcpmux {
 public:
  // The services of a configuration that comes into force. Of equal names the first counts.
  void adopt(const std::vector<PostRef>& posts);

  // The service with this name, in upper or lower case; nullptr when there is none.
  [[nodiscard]] PostRef find(std::string_view name) const;
  // The answer to `help`: the names of the services that `source` may use, one a line, in the order of the files.
  [[nodiscard]] std::string help(Gate& gate, const Address& source, Instant now) const;

 private:
  std::vector<PostRef> posts_;
  boost::unordered_flat_map<std::string, PostRef> by_name_;  // in lower case; bounded by the configuration
};

}  // namespace reeve
