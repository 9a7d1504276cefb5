// MissingAddresses: which addresses that services are bound to this machine doesn't have.
//
// Their listeners are bound nevertheless and work as soon as the address is there; the log says what is missing and
// when it has come, because a mistyped address looks the same. Memberships in multicast groups, which end with their
// interface, are renewed on the way.
#pragma once

#include <map>
#include <string>

#include "base/address.h"
#include "monitor/generation.h"
#include "record/daemon_log.h"

namespace reeve {

class MissingAddresses {
 public:
  // The generation is in force, or the machine's addresses changed.
  void look(const Generation& generation, DaemonLog& log);

 private:
  std::map<Address, std::string> missing_;  // with the id of the first service that wants it
};

}  // namespace reeve
