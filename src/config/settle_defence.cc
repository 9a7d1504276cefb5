// What of the defence goes together, when all of defaults is known.
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "config/attributes.h"
#include "config/settle.h"

namespace reeve {
namespace {

// Set alone, an attribute says that its owner believes himself protected by what is not on.
struct Dependence {
  std::string_view attribute;
  std::vector<std::string_view> needs;  // one of them
  std::string_view hint;
};

const std::vector<Dependence>& dependences() {
  static const std::vector<Dependence> kAll{
      {"alert_form", {"alert_command", "alert_file", "alert_http", "alert_syslog"}, "alert_http = custom URL"},
      {"alert_rate", {"alert_command", "alert_file", "alert_http", "alert_syslog"}, "alert_syslog = plain authpriv"},
      {"ban_list_refresh", {"ban_list"}, "ban_list = PATH"},
      {"ban_scope", {"kernel_bans"}, "kernel_bans = yes"},
      {"fleet_key_file", {"fleet"}, "fleet = HOST"},
      {"fleet_name", {"fleet"}, "fleet = HOST"},
      {"fleet_node", {"fleet"}, "fleet = HOST"},
      {"fleet_password_file", {"fleet"}, "fleet = HOST"},
      {"fleet_rate", {"fleet"}, "fleet = HOST"},
      {"fleet_user", {"fleet"}, "fleet = HOST"},
      {"fleet_widest", {"fleet"}, "fleet = HOST"},
      {"penalty_decay", {"penalties"}, "penalties = refused:5 crash:20"},
      {"penalty_limit", {"penalties"}, "penalties = refused:5 crash:20"},
  };
  return kAll;
}

}  // namespace

void settle_defence(Desk& desk, const Draft& defaults) {
  for (const Dependence& one : dependences()) {
    const auto index_of = [](std::string_view name) {
      const std::uint8_t index = find_attribute(name);
      REEVE_CHECK(index != kNoAttribute);
      return index;
    };
    const std::uint8_t attribute = index_of(one.attribute);
    const auto has = [&](std::string_view name) { return defaults.has(index_of(name)); };
    if (!defaults.has(attribute) || std::ranges::any_of(one.needs, has)) continue;
    desk.report.warning(defaults.where[attribute], fmt::format("{} has no effect without {}", one.attribute, fmt::join(one.needs, " or ")),
                        std::string(one.hint));
  }
}

}  // namespace reeve
