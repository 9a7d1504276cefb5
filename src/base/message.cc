#include "base/message.h"

#include <algorithm>

#include "base/message_decoder.h"

namespace reeve {
namespace {

bool is_valid(StartStage stage) noexcept {
  return stage >= StartStage::receive && stage <= StartStage::exec;
}
bool is_valid(const StartMessage& m) noexcept {
  return is_flag(m.has_connection) && m.reserved == 0 && (m.has_connection == 0 || m.place == 0) && is_valid(m.source);
}
bool is_valid(const ReadyMessage&) noexcept {
  return true;
}
bool is_valid(const UnfitMessage&) noexcept {
  return true;
}
bool is_valid(const EndMessage& m) noexcept {
  return m.reserved == 0;
}
bool is_valid(const RestingMessage& m) noexcept {
  return is_flag(m.rest);
}

bool is_valid(const ReadWrapRulesMessage&) noexcept {
  return true;
}
// Ended by NUL, and printable ASCII before it.
bool is_text(std::span<const char> text) noexcept {
  const auto end = std::ranges::find(text, '\0');
  const auto is_printable = [](char byte) { return byte > ' ' && byte < '\x7f'; };
  return end != text.end() && std::all_of(text.begin(), end, is_printable) &&
         std::all_of(end, text.end(), [](char byte) { return byte == 0; });
}
bool is_valid(const WrapMessage& m) noexcept {
  return is_valid(m.client) && is_valid(m.server) && is_text(m.client_name) && is_text(m.server_name) && is_text(m.client_user);
}

bool is_valid(Held how) noexcept {
  return how <= Held::draining;
}
bool is_valid(const HoldMessage& m) noexcept {
  return is_valid(m.how);
}
bool is_valid(const LookMessage& m) noexcept {
  return m.count >= 1 && m.count <= kMaxLooks;
}
bool is_valid(const ReloadMessage& m) noexcept {
  return m.what >= ReloadAsk::reload && m.what <= ReloadAsk::confirm && m.reserved == 0 &&
         (m.what == ReloadAsk::reload || m.confirm_seconds == 0);
}
bool is_valid(const ClientMessage& m) noexcept {
  return m.reserved == 0 && is_text(m.name) && is_text(m.user);
}
bool is_valid(const BansMessage& m) noexcept {
  if (m.count > kMaxBansPerMessage || !is_flag(m.first) || !is_flag(m.last)) return false;
  const auto end = m.prefixes.begin() + m.count;
  constexpr auto is_unused = [](const WirePrefix& prefix) { return prefix.bits == 0 && is_zero(prefix.address); };
  return std::all_of(m.prefixes.begin(), end, [](const WirePrefix& prefix) { return is_valid(prefix); }) &&
         std::all_of(end, m.prefixes.end(), is_unused);
}
bool is_valid(const GuardMessage& m) noexcept {
  return is_flag(m.closed);
}

bool is_valid(const WantKeeperMessage& m) noexcept {
  return m.reserved == 0;
}

bool is_valid(const AdoptMessage& m) noexcept {
  constexpr std::uint8_t kLogKinds = 3, kFacilities = 24, kLevels = 6;  // record/daemon_log.h, syslog(3)
  return m.log_kind < kLogKinds && m.log_facility < kFacilities && m.log_least < kLevels && is_flag(m.as_root) && is_flag(m.inetd_compat) &&
         is_zero(m.reserved);
}

bool is_valid(const ListenersMessage& m) noexcept {
  return m.count >= 1 && m.count <= kMaxListenersPerMessage && m.reserved == 0;
}

bool is_valid(const LogFilesMessage& m) noexcept {
  if (m.count < 1 || m.count > kMaxLogFilesPerMessage || m.first > UINT32_MAX - m.count) return false;
  const auto end = m.open.begin() + m.count;
  return std::all_of(m.open.begin(), end, [](std::uint8_t open) { return is_flag(open); }) && is_zero({end, m.open.end()});
}

bool is_valid(const InheritMessage& m) noexcept {
  return is_valid(m.source);
}
bool is_valid(const CommitMessage&) noexcept {
  return true;
}
bool is_valid(const StartedMessage&) noexcept {
  return true;
}
bool is_valid(const StartFailedMessage& m) noexcept {
  return is_valid(m.stage) && m.reserved == 0;
}
bool is_valid(const ExitedMessage& m) noexcept {
  return is_valid(m.failed_stage);
}
bool is_valid(const DumpMessage& m) noexcept {
  return m.reserved == 0;
}
bool is_valid(const CheckMessage& m) noexcept {
  return m.reserved == 0;
}
bool is_valid(const LeaveMessage& m) noexcept {
  return m.reserved == 0;
}

bool is_valid(const WrapRulesMessage&) noexcept {
  return true;
}
bool is_valid(const CommandEndedMessage& m) noexcept {
  return is_flag(m.ran) && m.reserved == 0;
}

bool is_valid(const ControlMessage& m) noexcept {
  return is_flag(m.listens) && m.reserved == 0;
}

bool is_valid(const HeldMessage& m) noexcept {
  return is_valid(m.how) && m.reserved == 0;
}
bool is_valid(const LookedMessage& m) noexcept {
  return m.reserved == 0;
}
bool is_valid(const FollowerMessage& m) noexcept {
  return (m.kind == FollowerKind::keeper || m.kind == FollowerKind::firewall) && is_flag(m.runs) && m.reserved == 0;
}
bool is_valid(const ReloadedMessage& m) noexcept {
  return is_flag(m.done);
}

}  // namespace

WireEndpoint to_wire(const Endpoint& endpoint) noexcept {
  if (endpoint.address.is_local()) return {};
  return {.address = endpoint.address.bytes(), .port = endpoint.port, .known = 1};
}

WirePrefix to_wire(const Prefix& prefix) noexcept {
  return {.address = prefix.address.bytes(), .bits = prefix.bits};
}

Result<EngineMessage> decode_engine_message(std::span<const std::byte> datagram) {
  return decode_message<EngineMessage, kMaxMessageBytes>(datagram, [](const auto& message) { return is_valid(message); });
}

Result<MonitorMessage> decode_monitor_message(std::span<const std::byte> datagram) {
  return decode_message<MonitorMessage, kMaxMessageBytes>(datagram, [](const auto& message) { return is_valid(message); });
}

}  // namespace reeve
