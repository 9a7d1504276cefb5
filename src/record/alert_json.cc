#include <array>

#include "base/printable.h"
#include "record/alert_formats.h"

namespace reeve {
namespace {

constexpr bool is_number(AlertField field) noexcept {
  return field == AlertField::source_port || field == AlertField::local_port || field == AlertField::hits || field == AlertField::seconds;
}

}  // namespace

// What the alert doesn't say is left out.
std::string alert_json(const Alert& alert) {
  std::string line = "{";
  for (std::size_t each = 0; each < kAlertFields; ++each) {
    const auto field = static_cast<AlertField>(each);
    const std::string value = text_of(alert, field);
    if (value.empty()) continue;
    if (line.size() > 1) line += ',';
    line.append("\"").append(to_text(field)).append("\":");
    line += is_number(field) ? value : json_string(value);
  }
  return line += '}';
}

}  // namespace reeve
