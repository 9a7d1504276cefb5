// parse: from a Bundle to a Configuration and all that is to be said about it.
//
// Pure: the same Bundle and Names give the same services in the same order in every process, which is
// why the monitor and the engine may name a service by its index. Never throws, never hangs; damage
// costs the service it stands in, not its neighbours.
#pragma once

#include <cstdint>
#include <vector>

#include "config/bundle.h"
#include "config/diagnostic.h"
#include "config/service.h"

namespace reeve {

struct ParseOptions {
  bool running_as_root = true;             // else user and group can't be changed; the attribute is warned about
  bool inetd_compat = false;               // also read the Bundle's inetd_file, see inetd.h
  bool inetd_alone = false;                // the main file is one, and the only file (gather_for)
  std::uint32_t own_uid = 0, own_gid = 0;  // who runs the servers when not root
};

struct Parsed {
  ConfigurationRef configuration;       // never null; holds only the services without errors
  std::vector<Diagnostic> diagnostics;  // ordered by file and line
  // Nothing may be used: an error of Scope::configuration (a mistake in defaults).
  bool unusable = false;
  // At least one error of any scope: a reload must not be applied (unless compat = xinetd in defaults).
  bool has_errors = false;
  bool compat_xinetd = false;        // in defaults
  std::vector<std::string> refused;  // ids of services that errors cost
};

[[nodiscard]] Parsed parse(const Bundle& bundle, Names& names, const ParseOptions& options);

}  // namespace reeve
