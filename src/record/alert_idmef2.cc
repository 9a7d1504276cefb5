#include <fmt/format.h>

#include "base/printable.h"
#include "record/alert_formats.h"
#include "record/stamp.h"

namespace reeve {
namespace {

std::string_view severity_of(DefenceEvent event) noexcept {
  switch (event) {
    case DefenceEvent::touched:
    case DefenceEvent::banned:
    case DefenceEvent::extended:
      return "Medium";
    case DefenceEvent::spared:
    case DefenceEvent::table_full:
      return "High";
    case DefenceEvent::lifted:
    case DefenceEvent::ended:
      return "Info";
  }
  return "Medium";
}

bool is_attack(DefenceEvent event) noexcept {
  return event == DefenceEvent::touched || event == DefenceEvent::spared || says_ban(event);
}

// Port 0 appears in no connection, and the schema refuses it.
std::string party(const std::optional<Endpoint>& endpoint, std::string_view service) {
  if (!endpoint || endpoint->address.is_local()) return {};
  std::string text = fmt::format("{{\"IP\":\"{}\"", to_text(endpoint->address));
  if (endpoint->port != 0) text += fmt::format(",\"Port\":[{}]", endpoint->port);
  if (!service.empty()) text += ",\"Service\":" + json_string(service);
  return text + "}";
}

}  // namespace

// An analyzer must have an address: the one that was visited, or else the loopback one.
std::string alert_idmef2(const Alert& alert) {
  const bool has_address = alert.local && !alert.local->address.is_local() && !alert.local->address.is_unspecified();
  std::string out = fmt::format("{{\"Version\":\"2.D.V03\",\"ID\":\"{}\",\"CreateTime\":\"{}\",\"Category\":[\"{}\"],\"Cause\":\"{}\"",
                                alert.id, json_stamp(alert.at), is_attack(alert.event) ? "Recon.Scanning" : "Other.Undetermined",
                                is_attack(alert.event) ? "Malicious" : "Normal");
  out += fmt::format(",\"Severity\":\"{}\",\"Description\":{}", severity_of(alert.event), json_string(alert_plain(alert)));
  out += fmt::format(",\"Analyzer\":{{\"IP\":\"{}\",\"Name\":{},\"Model\":\"reeve " REEVE_VERSION
                     "\",\"Category\":[\"HPT\"],\"Data\":[\"Connection\"],\"Method\":[\"Honeypot\"]}}",
                     has_address ? to_text(alert.local->address) : "127.0.0.1", json_string(alert.machine));
  if (const std::string source = party(alert.source, {}); !source.empty()) out += fmt::format(",\"Source\":[{}]", source);
  if (const std::string target = party(alert.local, alert.service); !target.empty()) out += fmt::format(",\"Target\":[{}]", target);
  return out += '}';
}

}  // namespace reeve
