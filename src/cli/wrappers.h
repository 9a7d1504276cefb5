// wrappers: what would hosts.allow and hosts.deny say of a client? (What tcpdmatch(8) answers.)
#pragma once

#include <optional>
#include <string>

#include "base/file_reader.h"
#include "base/names.h"
#include "cli/answer.h"
#include "config/wrap_gather.h"

namespace reeve {

struct WrappersRequest {
  WrapPaths paths;
  std::string daemon;       // DAEMON or DAEMON@SERVER, the server an address or a name
  std::string client;       // CLIENT or USER@CLIENT; an address, a name, "unknown" or "paranoid"
  std::string client_name;  // the name of a client given by address; empty: he has none
  bool colour = false;
};

[[nodiscard]] Answer explain_wrappers(const WrappersRequest& request, FileReader& files, Names& names);

}  // namespace reeve
