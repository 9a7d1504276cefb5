// Settings: a service told back in the words of its configuration, with the origin of each value.
//
// Made from the Service as it is in force, not from the text, so that what `reeve show` prints is what
// the daemon does; only names that the Service has as numbers (user, group) are taken from the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/service.h"
#include "config/source_lines.h"

namespace reeve {

struct Setting {
  enum class Source : std::uint8_t { entry, defaults, built_in };

  std::string_view attribute;
  std::string value;
  Source source = Source::built_in;
  Where where;              // nowhere for built_in
  bool extends = false;     // += : one more line of the list above
  std::string_view remark;  // why, where the value alone doesn't say it
};

// In the order in which people read an entry. `service` is one of `configuration`, `lines` those of its Bundle.
[[nodiscard]] std::vector<Setting> settings_of(const Configuration& configuration, const Service& service, SourceLines& lines);

// All that settings_of() can tell, in its order. The rest of attributes.h is spent while a configuration is read.
[[nodiscard]] std::vector<std::string_view> shown_attributes();

}  // namespace reeve
