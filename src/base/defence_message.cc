#include "base/defence_message.h"

#include <algorithm>

#include "base/message_decoder.h"

namespace reeve {
namespace {

bool is_valid(BanOrigin origin) noexcept {
  return origin >= BanOrigin::sensor && origin <= BanOrigin::store;
}
// Printable ASCII with spaces, ended by NUL.
bool is_words(std::span<const char> text) noexcept {
  const auto end = std::ranges::find(text, '\0');
  return end != text.end() && std::all_of(text.begin(), end, [](char byte) { return byte >= ' ' && byte < '\x7f'; }) &&
         std::all_of(end, text.end(), [](char byte) { return byte == 0; });
}
// UTF-8 or any bytes but control characters, ended by NUL.
bool is_line(std::span<const char> text) noexcept {
  const auto end = std::ranges::find(text, '\0');
  return end != text.end() &&
         std::all_of(text.begin(), end, [](char byte) { return static_cast<unsigned char>(byte) >= ' ' && byte != '\x7f'; });
}

bool valid(const BeginMessage& m) noexcept {
  return m.reserved == 0;
}
bool valid(const EndOfBansMessage& m) noexcept {
  return m.reserved == 0;
}
bool valid(const BanMessage& m) noexcept {
  return is_valid(m.origin) && is_valid(m.prefix) && is_flag(m.kept) && is_zero(m.reserved) && m.hits >= 1 && m.times >= 1 &&
         m.until_ns > m.since_ns && is_words(m.reason) && is_words(m.node);
}
bool valid(const LiftMessage& m) noexcept {
  return is_valid(m.origin) && is_valid(m.prefix) && is_zero(m.reserved);
}
bool valid(const GuardedMessage& m) noexcept {
  return m.count <= kMaxGuardedPerMessage && is_flag(m.first) && is_flag(m.last) && is_zero(m.reserved) &&
         std::all_of(m.prefixes.begin(), m.prefixes.begin() + m.count, [](const WirePrefix& prefix) { return is_valid(prefix); });
}
bool valid(const EventMessage& m) noexcept {
  return m.what >= DefenceEvent::banned && m.what <= DefenceEvent::touched && is_valid(m.origin) && is_valid(m.prefix) &&
         is_zero(m.reserved) && is_valid(m.source) && is_valid(m.local) && is_words(m.service) && is_words(m.reason) && m.protocol <= 255 &&
         m.detail_size <= kMaxEventDetail;
}
bool valid(const AskMessage& m) noexcept {
  return m.what >= DefenceQuestion::history && m.what <= DefenceQuestion::preview && is_valid(m.prefix) && is_zero(m.reserved);
}
bool valid(const PortsMessage& m) noexcept {
  return m.count <= kMaxPortsPerMessage && is_flag(m.first) && is_flag(m.last) && is_zero(m.reserved) &&
         std::all_of(m.ports.begin(), m.ports.begin() + m.count, [](const WirePort& port) {
           return port.port != 0 && is_flag(port.v4) && is_flag(port.v6) && is_flag(port.is_sensor) && is_zero(port.reserved);
         });
}
bool valid(const WithdrawMessage& m) noexcept {
  return m.reserved == 0;
}
bool valid(const LoadedMessage& m) noexcept {
  return is_flag(m.durable);
}
bool valid(const OffenderMessage& m) noexcept {
  return m.times >= 1 && is_valid(m.prefix) && is_zero(m.reserved);
}
bool valid(const KeptMessage& m) noexcept {
  return m.reserved == 0;
}
bool valid(const SayMessage& m) noexcept {
  constexpr std::uint32_t kLevels = 6;  // record/daemon_log.h
  return m.level < kLevels && is_line(m.text);
}
bool valid(const StateMessage& m) noexcept {
  return m.reserved == 0 && m.name[0] != '\0' && is_words(m.name) && is_words(m.text);
}
bool valid(const AnswerMessage& m) noexcept {
  return is_flag(m.last) && is_line(m.text);
}
bool valid(const TouchedMessage& m) noexcept {
  return m.protocol <= 255 && is_valid(m.source) && m.source.known == 1 && m.port != 0 && is_zero(m.reserved);
}

}  // namespace

std::string_view to_text(BanOrigin origin) noexcept {
  switch (origin) {
    case BanOrigin::sensor:
      return "sensor";
    case BanOrigin::penalty:
      return "penalty";
    case BanOrigin::operator_:
      return "operator";
    case BanOrigin::fleet:
      return "fleet";
    case BanOrigin::list:
      return "list";
    case BanOrigin::store:
      return "store";
  }
  return "sensor";
}

std::string_view to_text(DefenceEvent event) noexcept {
  switch (event) {
    case DefenceEvent::banned:
      return "banned";
    case DefenceEvent::extended:
      return "extended";
    case DefenceEvent::lifted:
      return "lifted";
    case DefenceEvent::ended:
      return "ended";
    case DefenceEvent::spared:
      return "spared";
    case DefenceEvent::table_full:
      return "table_full";
    case DefenceEvent::touched:
      return "touched";
  }
  return "banned";
}

Result<ToFollower> decode_to_follower(std::span<const std::byte> datagram) {
  return decode_message<ToFollower, kMaxDefenceMessageBytes>(datagram, [](const auto& message) { return valid(message); });
}

Result<FromFollower> decode_from_follower(std::span<const std::byte> datagram) {
  return decode_message<FromFollower, kMaxDefenceMessageBytes>(datagram, [](const auto& message) { return valid(message); });
}

}  // namespace reeve
