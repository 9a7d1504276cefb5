#include "defence/fleet_record.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace reeve {
namespace {

constexpr std::string_view kMark = "reeve1 ";

// The next word, and what is behind the one blank after it. Absent where there is no word.
std::optional<std::string_view> take_word(std::string_view& rest) noexcept {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word.empty() ? std::nullopt : std::optional(word);
}

template <class Number>
bool take_number(std::string_view& rest, Number& out) noexcept {
  const auto word = take_word(rest);
  if (!word) return false;
  const auto [end, error] = std::from_chars(word->data(), word->data() + word->size(), out);
  return error == std::errc() && end == word->data() + word->size() && out >= 0;
}

bool take_prefix(std::string_view& rest, Prefix& out) noexcept {
  const auto word = take_word(rest);
  if (!word) return false;
  const std::size_t slash = word->find('/');
  const auto address = parse_address(word->substr(0, slash));
  if (!address) return false;
  unsigned bits = 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = word->substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const unsigned most = address->is_v4() ? 32 : 128;
    if (error != std::errc() || end != digits.data() + digits.size() || bits > most) return false;
    if (address->is_v4()) bits += 96;
  }
  out = Prefix::of(*address, bits);
  return true;
}

bool take_origin(std::string_view& rest, BanOrigin& out) noexcept {
  const auto word = take_word(rest);
  if (!word) return false;
  for (const BanOrigin origin : {BanOrigin::sensor, BanOrigin::penalty, BanOrigin::operator_}) {
    if (*word != to_text(origin)) continue;
    out = origin;
    return true;
  }
  return false;
}

bool take_node(std::string_view& rest, std::string& out) {
  const auto word = take_word(rest);
  if (!word || !is_node_name(*word)) return false;
  out = *word;
  return true;
}

bool is_reason(std::string_view text) noexcept {
  return text.size() < std::tuple_size_v<decltype(BanMessage::reason)> && text == without_blanks_around(text) &&
         std::ranges::all_of(text, [](char byte) { return byte >= ' ' && byte < '\x7f'; });
}

bool read_ban(std::string_view rest, FleetRecord& record) {
  if (!take_node(rest, record.node) || !take_prefix(rest, record.prefix) || !take_origin(rest, record.origin)) return false;
  if (!take_number(rest, record.said) || !take_number(rest, record.since) || !take_number(rest, record.until)) return false;
  if (!take_number(rest, record.hits) || !take_number(rest, record.times)) return false;
  record.reason = rest;
  return record.hits >= 1 && record.times >= 1 && record.since <= record.said && record.said < record.until && is_reason(rest);
}

bool read_lift(std::string_view rest, FleetRecord& record) {
  return take_node(rest, record.node) && take_prefix(rest, record.prefix) && take_number(rest, record.said) &&
         take_number(rest, record.until) && record.said < record.until && rest.empty();
}

bool read_here(std::string_view rest, FleetRecord& record) {
  return take_node(rest, record.node) && take_number(rest, record.said) && take_number(rest, record.until) && record.said < record.until &&
         rest.empty();
}

bool read_any(std::string_view body, FleetRecord& record) {
  const auto kind = take_word(body);
  if (!kind) return false;
  if (*kind == "ban") {
    record.kind = FleetRecord::Kind::ban;
    return read_ban(body, record);
  }
  if (*kind == "lift") {
    record.kind = FleetRecord::Kind::lift;
    return read_lift(body, record);
  }
  record.kind = FleetRecord::Kind::here;
  return *kind == "here" && read_here(body, record);
}

}  // namespace

bool is_node_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kMaxNodeName && std::ranges::all_of(name, [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '.' || byte == '-' ||
           byte == '_';
  });
}

std::string body_of(const FleetRecord& record) {
  switch (record.kind) {
    case FleetRecord::Kind::ban:
      return fmt::format("ban {} {} {} {} {} {} {} {} {}", record.node, to_text(record.prefix), to_text(record.origin), record.said,
                         record.since, record.until, record.hits, record.times, record.reason);
    case FleetRecord::Kind::lift:
      return fmt::format("lift {} {} {} {}", record.node, to_text(record.prefix), record.said, record.until);
    case FleetRecord::Kind::here:
      break;
  }
  return fmt::format("here {} {} {}", record.node, record.said, record.until);
}

bool read_body(std::string_view body, FleetRecord& record) {
  record = {};
  return read_any(body, record) && body_of(record) == body;
}

std::string write_record(const FleetRecord& record, const FleetKey& key) {
  const std::string body = body_of(record);
  return fmt::format("{}{} {}", kMark, key.sign(body), body);
}

ReadRecord read_record(std::string_view text, const FleetKey& key) {
  ReadRecord read;
  read.fault = RecordFault::unsigned_;
  if (text.size() > kMaxFleetRecordBytes || !text.starts_with(kMark)) return read;
  text.remove_prefix(kMark.size());
  if (text.size() <= FleetKey::kSignatureDigits || text[FleetKey::kSignatureDigits] != ' ') return read;
  const std::string_view body = text.substr(FleetKey::kSignatureDigits + 1);
  if (!key.is_signature(text.substr(0, FleetKey::kSignatureDigits), body)) return read;
  read.fault = read_body(body, read.record) ? RecordFault::none : RecordFault::malformed;
  return read;
}

}  // namespace reeve
