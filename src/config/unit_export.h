// unit_export: systemd's units from services, a .socket and a .service for each.
//
// What a service says and units can't is a diagnostic at its line, and a comment in the .socket where it leaves the service
// more open than before. A service that no unit can stand for (built-in ones, sensors, relays, RPC, tcpmux) is left out and
// named. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/names.h"
#include "config/diagnostic.h"
#include "config/service.h"
#include "config/source_lines.h"

namespace reeve {

struct UnitText {
  std::string file_name, text;
};

struct ServiceToExport {
  const Service* service = nullptr;
  std::uint32_t per_source = kUnlimited;  // as it is in force: policy's source_limit()
};

struct Exported {
  std::vector<UnitText> units;
  std::vector<Diagnostic> diagnostics;
  std::size_t services = 0, left_out = 0;
};

// `has_wrap_rules`: hosts.allow or hosts.deny have something to say, and systemd does not ask them.
[[nodiscard]] Exported export_units(const Configuration& configuration, std::span<const ServiceToExport> services, bool has_wrap_rules,
                                    SourceLines& lines, Names& names);

}  // namespace reeve
