#include "cli/values_as_text.h"

#include <array>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

namespace reeve {
namespace {

std::string listed(std::initializer_list<std::pair<bool, std::string_view>> words) {
  std::string text;
  for (const auto& [is_set, word] : words) {
    if (!is_set) continue;
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

// "Mon-Fri", "Sun,Wed": runs of three days and more are written as one.
std::string weekdays(std::uint8_t mask) {
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  std::string text;
  for (unsigned first = 0; first < kDays.size(); ++first) {
    if ((mask >> first & 1) == 0) continue;
    unsigned last = first;
    while (last + 1 < kDays.size() && (mask >> (last + 1) & 1) != 0) ++last;
    if (last < first + 2) last = first;
    if (!text.empty()) text += ',';
    text += kDays[first];
    if (last != first) text += fmt::format("-{}", kDays[last]);
    first = last;
  }
  return text;
}

std::string_view facility_name(std::uint8_t facility) noexcept {
  constexpr std::array<std::string_view, 24> kNames{"kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
                                                    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
                                                    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};
  return facility < kNames.size() ? kNames[facility] : "daemon";
}

std::string_view level_name(std::uint8_t level) noexcept {
  constexpr std::array<std::string_view, 8> kNames{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
  return level < kNames.size() ? kNames[level] : "info";
}

}  // namespace

std::string_view word(CpsAction action) noexcept {
  switch (action) {
    case CpsAction::automatic:
      return "automatic";
    case CpsAction::shed:
      return "shed";
    case CpsAction::close:
      return "close";
  }
  return "automatic";
}

std::string words(const ServiceTypes& types) {
  return listed({{types.rpc, "RPC"},
                 {types.internal, "INTERNAL"},
                 {types.unlisted, "UNLISTED"},
                 {types.special, "SPECIAL"},
                 {types.tcpmux, "TCPMUX"},
                 {types.tcpmuxplus, "TCPMUXPLUS"}});
}

std::string words(const ServiceFlags& flags, Family family) {
  return listed({{flags.intercept, "INTERCEPT"},
                 {flags.noretry, "NORETRY"},
                 {flags.idonly, "IDONLY"},
                 {flags.nameinargs, "NAMEINARGS"},
                 {flags.nodelay, "NODELAY"},
                 {flags.keepalive, "KEEPALIVE"},
                 {flags.nolibwrap, "NOLIBWRAP"},
                 {flags.listen_fds, "LISTEN_FDS"},
                 {flags.ucspi, "UCSPI"},
                 {flags.resolve, "RESOLVE"},
                 {flags.remote_addr, "REMOTE_ADDR"},
                 {flags.sensor, "SENSOR"},
                 {flags.labeled, "LABELED"},
                 {family == Family::v4, "IPv4"},
                 {family == Family::v6, "IPv6"}});
}

std::string words(const SuccessFields& fields) {
  return listed({{fields.pid, "PID"},
                 {fields.host, "HOST"},
                 {fields.userid, "USERID"},
                 {fields.exit, "EXIT"},
                 {fields.duration, "DURATION"},
                 {fields.traffic, "TRAFFIC"}});
}

std::string words(const FailureFields& fields) {
  return listed({{fields.host, "HOST"}, {fields.userid, "USERID"}, {fields.attempt, "ATTEMPT"}});
}

std::string joined(std::span<const Text> texts) {
  return fmt::format("{}", fmt::join(texts, " "));
}

std::string arguments(const Service& service) {
  const std::span<const Text> all = service.launch->arguments;
  return joined(service.flags.nameinargs || all.empty() ? all : all.subspan(1));
}

std::string ports(std::span<const PortRange> ranges) {
  std::string text;
  for (const PortRange& range : ranges) {
    if (!text.empty()) text += ' ';
    text += range.first == range.last ? fmt::to_string(range.first) : fmt::format("{}-{}", range.first, range.last);
  }
  return text;
}

std::string_view word(Balance balance) noexcept {
  return balance == Balance::least_connections ? "least_connections" : "round_robin";
}

std::string_view word(ProxyProtocol version) noexcept {
  return version == ProxyProtocol::v1 ? "v1" : version == ProxyProtocol::v2 ? "v2" : "no";
}

std::string targets(const Redirect& redirect) {
  std::string text;
  for (const Target& target : redirect.targets) {
    if (!text.empty()) text += ' ';
    text += target.host;
    if (!target.is_path()) text += fmt::format(" {}", target.port);
  }
  return text;
}

std::string versions(const RpcProgram& program) {
  if (program.first_version == program.last_version) return fmt::to_string(program.first_version);
  return fmt::format("{}-{}", program.first_version, program.last_version);
}

std::string spans(std::span<const TimeSpan> all) {
  std::string text;
  for (const TimeSpan& span : all) {
    if (!text.empty()) text += ' ';
    if (span.weekdays != 0x7f) text += weekdays(span.weekdays) + '/';
    text += fmt::format("{:02}:{:02}-{:02}:{:02}", span.from / 60, span.from % 60, span.to / 60, span.to % 60);
  }
  return text;
}

std::string pressure(const Pressure& most) {
  std::string text;
  const auto add = [&](std::string_view resource, float percent) {
    if (percent > 0) text += fmt::format("{}{}:{}", text.empty() ? "" : " ", resource, percent);
  };
  add("cpu", most.cpu);
  add("memory", most.memory);
  add("io", most.io);
  return text;
}

std::optional<std::string> rate_per_source(std::uint32_t visits, std::uint32_t seconds) {
  if (visits == 0) return std::nullopt;
  constexpr std::uint32_t kMinute = 60, kHour = 3600;
  const auto [scale, unit] = seconds % kHour == 0     ? std::pair(kHour, 'h')
                             : seconds % kMinute == 0 ? std::pair(kMinute, 'm')
                                                      : std::pair(1U, 's');
  return seconds == scale ? fmt::format("{}/{}", visits, unit) : fmt::format("{}/{}{}", visits, seconds / scale, unit);
}

std::string deny_time(std::int32_t minutes) {
  if (minutes == kDenyForever) return "FOREVER";
  return minutes == 0 ? "NEVER" : fmt::to_string(minutes);
}

std::string sensor_reply(const SensorReply* reply) {
  switch (reply == nullptr ? SensorReply::Kind::close : reply->kind) {
    case SensorReply::Kind::close:
      break;
    case SensorReply::Kind::reset:
      return "reset";
    case SensorReply::Kind::banner:
      return fmt::format("banner {}", reply->banner);
    case SensorReply::Kind::tarpit:
      return "tarpit";
    case SensorReply::Kind::record:
      return fmt::format("record {}", reply->most_bytes);
  }
  return "close";
}

std::string log_type(const LogTarget& target) {
  if (target.kind == LogTarget::Kind::syslog) return fmt::format("SYSLOG {} {}", facility_name(target.facility), level_name(target.level));
  if (target.hard_limit == 0) return fmt::format("FILE {}", target.path);
  return fmt::format("FILE {} {} {}", target.path, target.soft_limit, target.hard_limit);
}

}  // namespace reeve
