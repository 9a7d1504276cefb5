#include <fmt/format.h>

#include "base/printable.h"
#include "record/alert_formats.h"

namespace reeve {
namespace {

// Bars divide the fields of the head, which has no newlines.
std::string in_head(std::string_view text) {
  std::string escaped;
  for (const char byte : printable(text)) {
    if (byte == '|' || byte == '\\') escaped += '\\';
    escaped += byte;
  }
  return escaped;
}

// Behind the head, a value ends where the next "key=" begins; newlines are written as \n and \r.
std::string in_extension(std::string_view text) {
  std::string escaped, rest;
  const auto put_rest = [&] {
    for (const char byte : printable(rest)) {
      if (byte == '=' || byte == '\\') escaped += '\\';
      escaped += byte;
    }
    rest.clear();
  };
  for (const char byte : text) {
    if (byte != '\n' && byte != '\r') {
      rest += byte;
      continue;
    }
    put_rest();
    escaped += byte == '\n' ? "\\n" : "\\r";
  }
  put_rest();
  return escaped;
}

// From 0 to 10.
int severity_of(DefenceEvent event) noexcept {
  switch (event) {
    case DefenceEvent::touched:
      return 5;
    case DefenceEvent::banned:
    case DefenceEvent::extended:
      return 6;
    case DefenceEvent::spared:
    case DefenceEvent::table_full:
      return 8;
    case DefenceEvent::lifted:
    case DefenceEvent::ended:
      return 1;
  }
  return 5;
}

std::int64_t milliseconds(WallTime wall) noexcept {
  return std::chrono::floor<std::chrono::milliseconds>(wall).time_since_epoch().count();
}

class Extension {
 public:
  void put(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    if (!text_.empty()) text_ += ' ';
    text_.append(key).append("=").append(in_extension(value));
  }
  // Keys of custom fields have their meaning beside them. `src` and `dst` are IPv4's only.
  void address(std::string_view v4_key, std::string_view v6_key, std::string_view v6_label, const Address& address) {
    if (address.is_v4()) return put(v4_key, to_text(address));
    if (address.is_local()) return;
    put(v6_key, to_text(address));
    put(fmt::format("{}Label", v6_key), v6_label);
  }
  void custom(int number, std::string_view label, std::string_view value) {
    if (value.empty()) return;
    put(fmt::format("cs{}Label", number), label);
    put(fmt::format("cs{}", number), value);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string alert_cef(const Alert& alert) {
  Extension extension;
  extension.put("rt", fmt::to_string(milliseconds(alert.at)));
  extension.put("externalId", alert.id);
  extension.put("dvchost", alert.machine);
  if (alert.source) extension.address("src", "c6a2", "Source IPv6 Address", alert.source->address);
  extension.put("spt", text_of(alert, AlertField::source_port));
  if (alert.local) extension.address("dst", "c6a3", "Destination IPv6 Address", alert.local->address);
  extension.put("dpt", text_of(alert, AlertField::local_port));
  extension.put("proto", text_of(alert, AlertField::protocol));
  if (says_ban(alert.event)) extension.put("act", "blocked");
  if (alert.hits > 0) extension.put("cnt", fmt::to_string(alert.hits));
  extension.put("reason", alert.reason);
  extension.custom(1, "service", alert.service);
  extension.custom(2, "prefix", text_of(alert, AlertField::prefix));
  extension.custom(3, "origin", to_text(alert.origin));
  extension.custom(4, "until", text_of(alert, AlertField::until));
  extension.custom(5, "recorded", alert.recorded);
  return fmt::format("CEF:0|reeve|reeved|{}|{}|{}|{}|{}", in_head(REEVE_VERSION), in_head(to_text(alert.event)),
                     in_head(title_of(alert.event)), severity_of(alert.event), extension.take());
}

}  // namespace reeve
