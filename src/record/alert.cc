#include "record/alert.h"

#include <fmt/format.h>

#include "base/printable.h"
#include "record/alert_formats.h"
#include "record/stamp.h"

namespace reeve {
namespace {

// RFC 4122, version 4.
std::string uuid_of(std::array<std::uint8_t, 16> bytes) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string text;
  for (std::size_t each = 0; each < bytes.size(); ++each) {
    if (each == 4 || each == 6 || each == 8 || each == 10) text += '-';
    text += fmt::format("{:02x}", bytes[each]);
  }
  return text;
}

std::optional<Endpoint> endpoint_of(const WireEndpoint& wire) noexcept {
  if (wire.known == 0) return std::nullopt;
  return Endpoint{Address(wire.address), wire.port};
}

// An Instant as a date. Both clocks were read together; what lies beyond all dates is none.
WallTime wall_of(std::int64_t instant_ns, Instant now, WallTime wall) noexcept {
  constexpr std::int64_t kFar = std::int64_t{100} * 365 * 86'400 * 1'000'000'000;
  const std::int64_t now_ns = now.time_since_epoch().count();
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(instant_ns, now_ns, &difference) || difference > kFar || difference < -kFar) return wall;
  std::int64_t sum = 0;
  if (__builtin_add_overflow(wall.time_since_epoch().count(), difference, &sum)) return wall;
  return WallTime(std::chrono::nanoseconds(sum));
}

std::string protocol_name(std::uint32_t protocol) {
  constexpr std::uint32_t kTcp = 6, kUdp = 17, kSctp = 132;
  switch (protocol) {
    case 0:
      return {};
    case kTcp:
      return "tcp";
    case kUdp:
      return "udp";
    case kSctp:
      return "sctp";
    default:
      return fmt::to_string(protocol);
  }
}

std::string hex(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string port_text(const std::optional<Endpoint>& endpoint) {
  return endpoint && endpoint->port != 0 ? fmt::to_string(endpoint->port) : std::string();
}

}  // namespace

Alert alert_of(const EventMessage& event, Instant now, WallTime wall, std::string_view machine,
               const std::array<std::uint8_t, 16>& random) {
  Alert alert{.id = uuid_of(random),
              .event = event.what,
              .origin = event.origin,
              .prefix = {},
              .source = endpoint_of(event.source),
              .local = endpoint_of(event.local),
              .protocol = event.protocol,
              .service = std::string(text_of(event.service)),
              .reason = std::string(text_of(event.reason)),
              .hits = event.hits,
              .at = wall_of(event.at_ns, now, wall),
              .until = {},
              .recorded = std::string(event.detail.data(), event.detail_size),
              .machine = std::string(machine)};
  if (event.prefix.bits != 0) alert.prefix = Prefix::of(Address(event.prefix.address), event.prefix.bits);
  const bool has_ban = event.what == DefenceEvent::banned || event.what == DefenceEvent::extended;
  alert.for_ever = has_ban && event.until_ns == kForEverNs;
  if (has_ban && event.until_ns != 0 && !alert.for_ever) alert.until = wall_of(event.until_ns, now, wall);
  return alert;
}

bool says_ban(DefenceEvent event) noexcept {
  return event == DefenceEvent::banned || event == DefenceEvent::extended;
}

std::string_view title_of(DefenceEvent event) noexcept {
  switch (event) {
    case DefenceEvent::banned:
      return "source banned";
    case DefenceEvent::extended:
      return "ban extended";
    case DefenceEvent::lifted:
      return "ban lifted";
    case DefenceEvent::ended:
      return "ban ended";
    case DefenceEvent::spared:
      return "sensor touched by somebody who is never banned";
    case DefenceEvent::table_full:
      return "list of bans full";
    case DefenceEvent::touched:
      return "sensor touched";
  }
  return "";
}

std::string text_of(const Alert& alert, AlertField field) {
  switch (field) {
    case AlertField::id:
      return alert.id;
    case AlertField::time:
      return json_stamp(alert.at);
    case AlertField::event:
      return std::string(to_text(alert.event));
    case AlertField::origin:
      return std::string(to_text(alert.origin));
    case AlertField::prefix:
      return alert.prefix ? to_text(*alert.prefix) : std::string();
    case AlertField::source:
      return alert.source ? to_text(alert.source->address) : std::string();
    case AlertField::source_port:
      return port_text(alert.source);
    case AlertField::local:
      return alert.local ? to_text(alert.local->address) : std::string();
    case AlertField::local_port:
      return port_text(alert.local);
    case AlertField::protocol:
      return protocol_name(alert.protocol);
    case AlertField::service:
      return alert.service;
    case AlertField::reason:
      return alert.reason;
    case AlertField::hits:
      return fmt::to_string(alert.hits);
    case AlertField::until:
      if (alert.for_ever) return "forever";
      return alert.until ? json_stamp(*alert.until) : std::string();
    case AlertField::seconds:
      return alert.until ? fmt::to_string(std::chrono::ceil<std::chrono::seconds>(*alert.until - alert.at).count()) : std::string();
    case AlertField::recorded:
      return alert.recorded;
    case AlertField::recorded_hex:
      return hex(alert.recorded);
    case AlertField::machine:
      return alert.machine;
    case AlertField::text:
      return alert_plain(alert);
  }
  return {};
}

}  // namespace reeve
