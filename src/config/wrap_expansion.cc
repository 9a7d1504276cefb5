#include "config/wrap_expansion.h"

#include <algorithm>

namespace reeve {
namespace {

constexpr std::string_view kUnknown = "unknown", kParanoid = "paranoid";

bool is_known_name(const std::string& name) noexcept {
  return !name.empty() && name != kUnknown && name != kParanoid;
}

const std::string& name_or_address(const std::string& name, const std::string& address) noexcept {
  return is_known_name(name) ? name : address;
}

std::string or_unknown(const std::string& text) {
  return text.empty() ? std::string(kUnknown) : text;
}

std::string client_of(const WrapFacts& facts) {
  const std::string& host = name_or_address(facts.client_name, facts.client_address);
  const bool has_user = !facts.client_user.empty() && facts.client_user != kUnknown;
  return has_user ? facts.client_user + '@' + host : host;
}

std::string server_of(const WrapFacts& facts) {
  const std::string& host = name_or_address(facts.server_name, facts.server_address);
  return host == kUnknown ? facts.daemon : facts.daemon + '@' + host;
}

// nullopt: the letter means nothing.
std::optional<std::string> value_of(char letter, const WrapFacts& facts) {
  switch (letter) {
    case 'a':
      return facts.client_address;
    case 'A':
      return facts.server_address;
    case 'c':
      return client_of(facts);
    case 'd':
      return facts.daemon;
    case 'h':
      return name_or_address(facts.client_name, facts.client_address);
    case 'H':
      return name_or_address(facts.server_name, facts.server_address);
    case 'n':
      return or_unknown(facts.client_name);
    case 'N':
      return or_unknown(facts.server_name);
    case 'p':
      return std::to_string(facts.pid);
    case 'r':
      return std::to_string(facts.client_port);
    case 'R':
      return std::to_string(facts.server_port);
    case 's':
      return server_of(facts);
    case 'u':
      return or_unknown(facts.client_user);
    default:
      return std::nullopt;
  }
}

// Calls `see` with each letter behind a "%", and `copy` with the text between. A "%" at the end is left out.
template <class Copy, class See>
void walk(std::string_view text, Copy copy, See see) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t percent = std::min(text.find('%', at), text.size());
    copy(text.substr(at, percent - at));
    if (percent + 1 < text.size()) see(text[percent + 1]);
    at = percent + 2;
  }
}

}  // namespace

void WrapNeeds::add(const WrapNeeds& other) noexcept {
  client_name |= other.client_name;
  client_user |= other.client_user;
  server_address |= other.server_address;
  server_name |= other.server_name;
}

WrapNeeds expansion_needs(std::string_view text) noexcept {
  WrapNeeds needs;
  walk(
      text, [](std::string_view) {},
      [&](char letter) {
        needs.client_name |= letter == 'n';
        needs.client_user |= letter == 'u';
        needs.server_address |= std::string_view("AHsRN").find(letter) != std::string_view::npos;
        needs.server_name |= letter == 'N';
      });
  return needs;
}

std::string unknown_expansions(std::string_view text) {
  static const WrapFacts nobody;
  std::string unknown;
  walk(
      text, [](std::string_view) {},
      [&](char letter) {
        if (letter != '%' && !value_of(letter, nobody)) unknown += letter;
      });
  return unknown;
}

std::optional<std::string> expand_wrap_text(std::string_view text, const WrapFacts& facts) {
  std::string expanded;
  walk(
      text, [&](std::string_view piece) { expanded += piece; },
      [&](char letter) {
        if (letter == '%') {
          expanded += letter;
        } else if (const auto value = value_of(letter, facts); value && expanded.size() <= kMaxWrapExpansion) {
          for (const char byte : *value) expanded += is_harmless_in_expansion(byte) ? byte : '_';
        }
      });
  if (expanded.size() > kMaxWrapExpansion) return std::nullopt;
  return expanded;
}

bool is_harmless_in_expansion(char byte) noexcept {
  const bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  const bool is_digit = byte >= '0' && byte <= '9';
  return is_letter || is_digit || std::string_view("!@%-_=+:,./").find(byte) != std::string_view::npos;
}

}  // namespace reeve
