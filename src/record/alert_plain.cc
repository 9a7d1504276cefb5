#include <fmt/format.h>

#include "base/printable.h"
#include "record/alert_formats.h"

namespace reeve {
namespace {

constexpr std::size_t kMostRecorded = 200;

std::string place_text(const Alert& alert) {
  const std::string protocol = text_of(alert, AlertField::protocol);
  std::string text;
  if (alert.local) text += " at " + to_text(*alert.local);
  if (!protocol.empty() && alert.local) text += "/" + protocol;
  if (!alert.service.empty()) text += fmt::format(" ({})", alert.service);
  return text;
}

}  // namespace

std::string alert_plain(const Alert& alert) {
  std::string text{title_of(alert.event)};
  if (alert.prefix && alert.event != DefenceEvent::touched) text += ": " + to_text(*alert.prefix);
  if (alert.source) text += " by " + to_text(*alert.source);
  text += place_text(alert);
  if (alert.for_ever) text += ", for ever";
  if (alert.until) text += fmt::format(", for {} s", text_of(alert, AlertField::seconds));
  if (alert.hits > 1) text += fmt::format(", hit {}", alert.hits);
  text += fmt::format(", says {}", to_text(alert.origin));
  if (!alert.reason.empty()) text += ": " + alert.reason;
  if (!alert.recorded.empty()) text += fmt::format(", recorded \"{}\"", printable(alert.recorded, kMostRecorded));
  return printable(text);
}

}  // namespace reeve
