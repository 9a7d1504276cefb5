#include "config/alert_form.h"

#include <algorithm>
#include <array>

#include "base/printable.h"
#include "config/values.h"

namespace reeve {
namespace {

constexpr std::array<std::string_view, kAlertFields> kNames{
    "id",      "time",   "event", "origin", "prefix",  "source",   "source_port",  "local",   "local_port", "protocol",
    "service", "reason", "hits",  "until",  "seconds", "recorded", "recorded_hex", "machine", "text"};

bool is_of_name(char byte) noexcept {
  return (byte >= 'a' && byte <= 'z') || byte == '_';
}

// The name of the place that begins with this brace; empty: none does.
std::string_view name_at(std::string_view text) noexcept {
  std::size_t end = 1;
  while (end < text.size() && is_of_name(text[end])) ++end;
  return end > 1 && end < text.size() && text[end] == '}' ? text.substr(1, end - 1) : std::string_view();
}

}  // namespace

std::string_view to_text(AlertField field) noexcept {
  return kNames[static_cast<std::size_t>(field)];
}

std::expected<AlertForm, AlertFormTrouble> parse_alert_form(std::string_view text) {
  AlertForm form;
  std::uint32_t line = 1;
  std::string before;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    if (byte == '\n') ++line;
    if (byte == '\0') return std::unexpected(AlertFormTrouble{line, "there is a NUL byte", {}});
    const std::string_view name = byte == '{' ? name_at(text.substr(at)) : std::string_view();
    if (name.empty()) {
      before += byte;
      continue;
    }
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end()) {
      std::string hint = did_you_mean(name, kNames);
      if (hint.empty()) {
        hint = "the fields are";
        for (const std::string_view known : kNames) hint.append(" ").append(known);
      }
      return std::unexpected(AlertFormTrouble{line, "no alert has a field {" + printable(name, 60) + "}", std::move(hint)});
    }
    form.pieces.push_back({std::move(before), static_cast<AlertField>(found - kNames.begin())});
    before.clear();
    at += name.size() + 1;
  }
  while (before.ends_with('\n') || before.ends_with('\r')) before.pop_back();
  form.pieces.push_back({std::move(before), std::nullopt});
  return form;
}

}  // namespace reeve
