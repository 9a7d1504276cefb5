#include "config/prefix_list.h"

#include <algorithm>
#include <array>
#include <expected>
#include <optional>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/lexer.h"

namespace reeve {
namespace {

constexpr std::size_t kMostWord = 64;  // longer than any address with a mask

using Bytes = std::array<std::uint8_t, 16>;

// The first word of what is left: ends at blanks, commas and semicolons; quotes around it are taken off.
std::string_view take_field(std::string_view& rest) noexcept {
  constexpr std::string_view kEnds = " \t,;\r\v\f";
  const std::size_t begin = rest.find_first_not_of(" \t,\r\v\f");
  if (begin == std::string_view::npos || rest[begin] == ';' || rest[begin] == '#') {
    rest = {};
    return {};
  }
  rest.remove_prefix(begin);
  const std::size_t end = std::min(rest.find_first_of(kEnds), rest.size());
  std::string_view field = rest.substr(0, end);
  rest.remove_prefix(end);
  if (field.size() >= 2 && (field.front() == '"' || field.front() == '\'') && field.back() == field.front())
    field = field.substr(1, field.size() - 2);
  return field.substr(0, field.find('#'));
}

// The value of "cidr" or "ip" in a line of JSON; nullopt: it has neither.
std::optional<std::string_view> json_member(std::string_view line) noexcept {
  for (const std::string_view key : {std::string_view("\"cidr\""), std::string_view("\"ip\"")}) {
    const std::size_t at = line.find(key);
    if (at == std::string_view::npos) continue;
    std::string_view rest = line.substr(at + key.size());
    const std::size_t open = rest.find_first_not_of(" \t:");
    if (open == std::string_view::npos || rest[open] != '"') continue;
    rest.remove_prefix(open + 1);
    const std::size_t close = rest.find('"');
    if (close != std::string_view::npos) return rest.substr(0, close);
  }
  return std::nullopt;
}

const char* why_not(const Prefix& prefix) noexcept {
  if (prefix.bits < (prefix.is_v4() ? 96 + kWidestListedV4 : kWidestListedV6)) return "is too wide: at most a /8, or a /16 of IPv6";
  const Address& address = prefix.address;
  if (address.is_multicast() || address.is_unspecified() || address.is_local()) return "is no client's";
  return nullptr;
}

using Found = std::expected<std::vector<Prefix>, std::string>;  // or why it is refused

Found refused(std::string_view word, std::string_view why) {
  return std::unexpected(fmt::format("`{}` {}", printable(word.substr(0, 4 * kMostWord), kMostWord), why));
}

// "first-last", "first - last", or DShield's: first, last and the length of the prefix that holds exactly these.
std::optional<Found> range_in(std::string_view word, std::string_view rest) {
  std::string_view first = word, last;
  const std::size_t dash = word.find('-');
  bool has_dash = dash != std::string_view::npos;
  if (has_dash) {
    first = word.substr(0, dash);
    last = word.substr(dash + 1);
  }
  if (last.empty()) last = take_field(rest);
  if (!has_dash && last == "-") {
    has_dash = true;
    last = take_field(rest);
  }
  if (last.empty() || last.size() > kMostWord || first.size() > kMostWord) return std::nullopt;
  const auto begin = parse_address(first), end = parse_address(last);
  if (!begin || !end || begin->is_local() || end->is_local()) return std::nullopt;
  std::vector<Prefix> prefixes = prefixes_between(*begin, *end);
  if (!has_dash) {
    const std::string_view length = take_field(rest);
    const bool is_one = prefixes.size() == 1 && length == fmt::to_string(prefixes[0].bits - (begin->is_v4() ? 96 : 0));
    return is_one ? std::optional<Found>(std::move(prefixes)) : std::nullopt;
  }
  if (prefixes.empty()) return refused(word, "begins a range that ends before it begins, or with another family");
  return prefixes;
}

Found prefixes_in(std::string_view line) {
  if (line.front() == '{') {
    const auto member = json_member(line);
    if (!member) return std::vector<Prefix>();  // what is said of the list itself
    const auto prefix = parse_prefix(*member);
    if (!prefix) return refused(*member, "is no address or prefix");
    return std::vector<Prefix>{*prefix};
  }
  std::string_view rest = line;
  std::string_view word = take_field(rest);
  if (word == "create") return std::vector<Prefix>();
  if (word == "add") {
    (void)take_field(rest);
    word = take_field(rest);
  }
  if (auto range = range_in(word, rest)) return std::move(*range);
  const auto prefix = parse_prefix(word);
  if (!prefix) return refused(word, "is no address or prefix");
  return std::vector<Prefix>{*prefix};
}

// Where one lies within another, the wider one is enough.
void make_distinct(std::vector<Prefix>& prefixes) {
  std::ranges::sort(prefixes);
  std::size_t kept = 0;
  for (const Prefix& prefix : prefixes) {
    if (kept > 0 && prefixes[kept - 1].bits <= prefix.bits && prefixes[kept - 1].contains(prefix.address)) continue;
    prefixes[kept++] = prefix;
  }
  prefixes.resize(kept);
}

}  // namespace

std::vector<Prefix> prefixes_between(const Address& first, const Address& last) {
  std::vector<Prefix> prefixes;
  if (first.is_v4() != last.is_v4() || last < first) return prefixes;
  const unsigned least = first.is_v4() ? 96 : 0;
  Bytes at = first.bytes();
  for (;;) {
    // The widest prefix that begins here and does not go beyond the end.
    unsigned bits = 128;
    while (bits > least) {
      const Prefix wider = Prefix::of(Address(at), bits - 1);
      if (wider.address != Address(at)) break;
      Bytes end = at;
      for (unsigned bit = bits - 1; bit < 128; ++bit) end[bit / 8] = static_cast<std::uint8_t>(end[bit / 8] | 0x80U >> bit % 8);
      if (last < Address(end)) break;
      --bits;
    }
    prefixes.push_back(Prefix::of(Address(at), bits));
    Bytes end = at;
    for (unsigned bit = bits; bit < 128; ++bit) end[bit / 8] = static_cast<std::uint8_t>(end[bit / 8] | 0x80U >> bit % 8);
    if (Address(end) == last) return prefixes;
    // One further.
    at = end;
    for (std::size_t byte = at.size(); byte-- > 0 && ++at[byte] == 0;) {
    }
  }
}

PrefixList parse_prefix_list(std::string_view text, std::size_t most) {
  PrefixList list;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::uint64_t number = 0;
  const auto refuse = [&](std::string_view line, std::string why) {
    ++list.refused;
    if (list.shown.size() < PrefixList::kMostShown)
      list.shown.push_back({.line = number, .why = std::move(why), .text = printable(line.substr(0, 4 * kMostWord), kMostWord)});
  };
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    if (line.empty() || line.front() == '#' || line.front() == ';' || line.starts_with("//")) continue;
    ++list.lines;
    Found found = prefixes_in(line);
    if (!found) {
      refuse(line, std::move(found.error()));
      continue;
    }
    const auto bad = std::ranges::find_if(*found, [](const Prefix& prefix) { return why_not(prefix) != nullptr; });
    if (bad != found->end()) {
      refuse(line, fmt::format("{} {}", to_text(*bad), why_not(*bad)));
      continue;
    }
    const std::size_t room = std::min(found->size(), most - std::min(most, list.prefixes.size()));
    list.prefixes.insert(list.prefixes.end(), found->begin(), found->begin() + static_cast<std::ptrdiff_t>(room));
    list.left_out += found->size() - room;
  }
  make_distinct(list.prefixes);
  return list;
}

std::string refusals_text(const PrefixList& list) {
  if (list.refused == 0) return {};
  std::string text = fmt::format("{} of {} lines refused", list.refused, list.lines);
  std::string_view separator = ": ";
  for (const PrefixList::Refused& one : list.shown) {
    text += fmt::format("{}line {}: {}", separator, one.line, one.why);
    separator = "; ";
  }
  if (list.refused > list.shown.size()) text += "; ...";
  return text;
}

}  // namespace reeve
