#include <fmt/format.h>

#include "base/printable.h"
#include "record/alert_formats.h"
#include "record/stamp.h"

namespace reeve {
namespace {

// Good within an element and within a quoted attribute. What XML 1.0 can't hold, and what is not printable, becomes U+FFFD.
std::string xml(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    const std::string_view shown = text.substr(0, character.bytes);
    text.remove_prefix(character.bytes);
    if (shown == "\n" || shown == "\r" || shown == "\t") {
      escaped += fmt::format("&#{};", static_cast<int>(shown.front()));
    } else if (!character.printable || shown == "\xef\xbf\xbe" || shown == "\xef\xbf\xbf") {
      escaped += "\xef\xbf\xbd";
    } else if (shown == "&") {
      escaped += "&amp;";
    } else if (shown == "<") {
      escaped += "&lt;";
    } else if (shown == ">") {
      escaped += "&gt;";
    } else if (shown == "\"") {
      escaped += "&quot;";
    } else {
      escaped += shown;
    }
  }
  return escaped;
}

// Seconds since 1900 and their binary fraction (RFC 1305), which have wrapped around in 2036.
std::string time_element(std::string_view name, WallTime wall) {
  constexpr std::int64_t kSince1900 = 2'208'988'800;
  const auto second = std::chrono::floor<std::chrono::seconds>(wall);
  const auto nanoseconds = static_cast<std::uint64_t>((wall - second).count());
  return fmt::format("<{0} ntpstamp=\"0x{1:08x}.0x{2:08x}\">{3}</{0}>", name,
                     static_cast<std::uint32_t>(second.time_since_epoch().count() + kSince1900), (nanoseconds << 32) / 1'000'000'000,
                     json_stamp(wall));
}

std::string node(std::string_view category, std::string_view address) {
  return fmt::format("<Node><Address category=\"{}\"><address>{}</address></Address></Node>", category, xml(address));
}

std::string node_of(const Address& address) {
  return address.is_local() ? std::string() : node(address.is_v4() ? "ipv4-addr" : "ipv6-addr", to_text(address));
}

std::string source_element(const Alert& alert) {
  std::string text = "<Source>";
  if (alert.source) {
    text += node_of(alert.source->address);
    if (alert.source->port != 0) text += fmt::format("<Service><port>{}</port></Service>", alert.source->port);
  } else if (alert.prefix) {
    const bool is_v4 = alert.prefix->is_v4();
    text +=
        node(alert.prefix->bits == 128 ? (is_v4 ? "ipv4-addr" : "ipv6-addr") : (is_v4 ? "ipv4-net" : "ipv6-net"), to_text(*alert.prefix));
  }
  return text + "</Source>";
}

std::string target_element(const Alert& alert) {
  if (!alert.local && alert.service.empty()) return {};
  std::string text = alert.event == DefenceEvent::touched ? "<Target decoy=\"yes\">" : "<Target>";
  if (alert.local) text += node_of(alert.local->address);
  const bool has_port = alert.local && alert.local->port != 0;
  if (!alert.service.empty() || has_port) {
    text += "<Service>";
    if (!alert.service.empty()) text += fmt::format("<name>{}</name>", xml(alert.service));
    if (has_port) text += fmt::format("<port>{}</port>", alert.local->port);
    if (alert.protocol != 0) text += fmt::format("<protocol>{}</protocol>", text_of(alert, AlertField::protocol));
    text += "</Service>";
  }
  return text + "</Target>";
}

std::string assessment(const Alert& alert) {
  const bool is_grave = alert.event == DefenceEvent::spared || alert.event == DefenceEvent::table_full;
  const bool is_over = alert.event == DefenceEvent::lifted || alert.event == DefenceEvent::ended;
  std::string text = fmt::format("<Assessment><Impact severity=\"{}\" type=\"{}\">{}</Impact>",
                                 is_grave  ? "high"
                                 : is_over ? "info"
                                           : "medium",
                                 is_over || alert.event == DefenceEvent::table_full ? "other" : "recon", title_of(alert.event));
  if (says_ban(alert.event)) {
    text += fmt::format("<Action category=\"block-installed\">{}, until {}</Action>", xml(text_of(alert, AlertField::prefix)),
                        text_of(alert, AlertField::until));
  }
  return text + "</Assessment>";
}

std::string additional(std::string_view type, std::string_view meaning, std::string_view value) {
  if (value.empty()) return {};
  return fmt::format("<AdditionalData type=\"{0}\" meaning=\"{1}\"><{0}>{2}</{0}></AdditionalData>", type, meaning, xml(value));
}

}  // namespace

std::string alert_idmef(const Alert& alert) {
  std::string out = fmt::format("<IDMEF-Message version=\"1.0\" xmlns=\"http://iana.org/idmef\"><Alert messageid=\"{}\">", xml(alert.id));
  out += fmt::format("<Analyzer analyzerid=\"{0}\" name=\"reeved\" manufacturer=\"reeve\" model=\"reeve\" version=\"" REEVE_VERSION
                     "\" class=\"sensor\"><Node><name>{0}</name></Node></Analyzer>",
                     xml(alert.machine));
  out += time_element("CreateTime", alert.at) + time_element("DetectTime", alert.at);
  out += source_element(alert) + target_element(alert);
  out += fmt::format("<Classification text=\"{}\"/>", xml(title_of(alert.event)));
  out += assessment(alert);
  out += additional("string", "origin", to_text(alert.origin));
  out += additional("string", "reason", alert.reason);
  out += additional("string", "prefix", text_of(alert, AlertField::prefix));
  if (alert.hits != 0) out += additional("integer", "hits", fmt::to_string(alert.hits));
  out += additional("string", "until", text_of(alert, AlertField::until));
  out += additional("string", "recorded", alert.recorded);
  out += additional("string", "recorded, in hexadecimal", text_of(alert, AlertField::recorded_hex));
  return out + "</Alert></IDMEF-Message>";
}

}  // namespace reeve
