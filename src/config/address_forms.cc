#include "config/address_forms.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace reeve {
namespace {

constexpr unsigned kMappedBits = 96;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// 0..most in decimal without leading zeros, which other programs take for octal.
std::optional<unsigned> parse_part(std::string_view text, unsigned most) noexcept {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

AddressForm one(const Prefix& prefix) {
  return {.prefixes = {prefix}};
}

// 192.0.{2,3}: the octets before the brace, then one prefix for each member.
Result<AddressForm> parse_factorised(std::string_view word) {
  const std::size_t brace = word.find('{');
  if (word.back() != '}' || word.find('{', brace + 1) != std::string_view::npos)
    return failure("braces may only end an address, as in 192.0.2.{1,2}");
  std::uint32_t octets = 0;
  unsigned count = 0;
  std::string_view before = word.substr(0, brace);
  while (!before.empty()) {
    const std::size_t dot = before.find('.');
    const std::optional<unsigned> part = dot == std::string_view::npos ? std::nullopt : parse_part(before.substr(0, dot), 255);
    if (!part || count == 3) return failure("at most three octets may stand before the brace, as in 192.0.2.{1,2}");
    octets = octets << 8 | *part;
    ++count;
    before.remove_prefix(dot + 1);
  }
  AddressForm form;
  std::string_view members = word.substr(brace + 1, word.size() - brace - 2);
  for (;;) {
    const std::size_t comma = std::min(members.find(','), members.size());
    const std::optional<unsigned> part = parse_part(members.substr(0, comma), 255);
    if (!part) return failure("each member between the braces must be 0 to 255");
    const std::uint32_t address = (octets << 8 | *part) << (8 * (3 - count));
    form.prefixes.push_back(Prefix::of(Address::v4(address), kMappedBits + 8 * (count + 1)));
    if (comma == members.size()) return form;
    members.remove_prefix(comma + 1);
  }
}

Result<AddressForm> parse_masked(std::string_view word, std::size_t slash) {
  const std::string_view text = word.substr(0, slash);
  const std::optional<Address> address = parse_address(text);
  const bool is_v4 = text.find(':') == std::string_view::npos;
  if (!address) return failure(is_v4 ? "needs four octets before the mask, as in 192.0.2.0/24" : "is not an IPv6 address with a mask");
  const unsigned most = is_v4 ? 32 : 128;
  const std::optional<unsigned> bits = parse_part(word.substr(slash + 1), most);
  if (!bits) return failure(is_v4 ? "an IPv4 mask is a number from 0 to 32" : "an IPv6 mask is a number from 0 to 128");
  return one(Prefix::of(*address, is_v4 ? kMappedBits + *bits : *bits));
}

bool is_host_name(std::string_view word) noexcept {
  const bool letters = std::any_of(word.begin(), word.end(), [](char c) { return !is_digit(c) && c != '.'; });
  return letters && word.size() <= 254 && word.find("..") == std::string_view::npos && word != "." &&
         std::all_of(word.begin(), word.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

Result<AddressForm> parse_address_form(std::string_view word) {
  if (word.find('{') != std::string_view::npos) return parse_factorised(word);
  const std::size_t slash = word.find('/');
  if (slash != std::string_view::npos) return parse_masked(word, slash);
  if (word.find(',') != std::string_view::npos) return failure("addresses are separated by blanks, not by commas");
  const std::optional<Address> address = parse_address(word);
  if (address && word.find(':') == std::string_view::npos) return one(wildcard_prefix(address->to_v4()));
  if (address) return one(Prefix::host(*address));
  if (is_host_name(word)) return AddressForm{.is_name = true};
  const bool is_numeric = std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || c == '.'; });
  return failure(is_numeric ? "an IPv4 address has four octets from 0 to 255, as in 192.0.2.0" : "is neither an address nor a name");
}

Prefix wildcard_prefix(std::uint32_t host_order) noexcept {
  unsigned bits = 32;
  while (bits > 0 && (host_order & (0xffu << (32 - bits))) == 0) bits -= 8;
  return Prefix::of(Address::v4(host_order), kMappedBits + bits);
}

}  // namespace reeve
