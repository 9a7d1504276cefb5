#include "policy/wrap_match.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>

#include "policy/netgroups.h"

namespace reeve {
namespace {

constexpr std::string_view kUnknown = "unknown", kParanoid = "paranoid";

char small(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool same_text(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) { return small(x) == small(y); });
}

// "*" and "?" as in file names. Linear but for one step back to the last "*".
bool matches_wildcard(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || small(pattern[p]) == small(text[t]))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// One part of an address as inet_addr(3) reads it: 0x for hexadecimal, 0 for octal.
std::optional<std::uint32_t> address_part(std::string_view text) noexcept {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && small(text[1]) == 'x') {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size() || value > 255) return std::nullopt;
  return value;
}

std::optional<std::uint32_t> dotted_quad(std::string_view text) noexcept {
  std::uint32_t value = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t end = part < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos) return std::nullopt;
    const auto number = address_part(text.substr(0, end));
    if (!number) return std::nullopt;
    value = value << 8 | *number;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return value;
}

// As strtol(3) reads it: what stands behind the digits is not looked at. 0 when there are none.
long leading_number(std::string_view text) noexcept {
  if (text.starts_with('+')) text.remove_prefix(1);
  long value = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The library takes an all-ones mask for its error value, and 0 for no length.
bool matches_v4_net(std::string_view net, std::string_view mask, const Address& address) noexcept {
  const auto network = dotted_quad(net);
  if (!network || !address.is_v4()) return false;
  std::uint32_t bits = 0;
  if (const auto quad = dotted_quad(mask)) {
    if (*quad == UINT32_MAX) return false;
    bits = *quad;
  } else {
    const long length = leading_number(mask);
    if (length < 1 || length > 32) return false;
    bits = UINT32_MAX << (32 - length);
  }
  return (address.to_v4() & bits) == *network;
}

// "[net]" or "[net]/length".
bool matches_v6_net(std::string_view pattern, const Address& address) noexcept {
  const std::size_t end = pattern.find(']');
  if (end == std::string_view::npos || address.is_v4()) return false;
  const std::string_view inside = pattern.substr(1, end - 1);
  const auto network = parse_address(inside);
  if (!network || inside.find(':') == std::string_view::npos || network->is_v4()) return false;
  long length = 128;
  if (const std::string_view behind = pattern.substr(end + 1); !behind.empty()) {
    if (behind.front() != '/') return false;
    length = leading_number(behind.substr(1));
  }
  if (length < 0 || length > 128) return false;
  return Prefix::of(*network, static_cast<unsigned>(length)).contains(address);
}

bool is_address_like(std::string_view pattern) noexcept {
  return pattern.find_first_not_of("0123456789./") == std::string_view::npos;
}

bool is_known(const std::string& name) noexcept {
  return name != kUnknown && name != kParanoid;
}

// What became of one question; anything but yes and no ends the whole search.
struct Outcome {
  enum class Kind : std::uint8_t { no, yes, need, unreadable } kind = Kind::no;
  WrapNeed need{};
  std::uint16_t file = 0;

  static Outcome of(bool yes) noexcept { return {yes ? Kind::yes : Kind::no}; }
  [[nodiscard]] bool is(Kind other) const noexcept { return kind == other; }
};

class Matcher {
 public:
  Matcher(const Bundle& bundle, const WrapRequest& request) : bundle_(bundle), request_(request) {}

  Outcome matches(const WrapRule& rule) const {
    if (rule.refuses_all) return Outcome::of(true);
    const Outcome daemon = matches_list(rule.daemons, &Matcher::matches_daemon);
    if (!daemon.is(Outcome::Kind::yes)) return daemon;
    return matches_list(rule.clients, &Matcher::matches_client);
  }

 private:
  // One end of the connection.
  struct Host {
    const std::optional<Endpoint>& endpoint;
    const std::optional<std::string>& name;
    WrapNeed name_need;
    std::string address;  // as text, or "unknown"
  };
  using MatchesWord = Outcome (Matcher::*)(std::string_view) const;

  Outcome matches_list(std::span<const std::string> words, MatchesWord matches_word) const {
    for (std::size_t each = 0; each < words.size(); ++each) {
      if (words[each] == "EXCEPT" || same_text(words[each], "EXCEPT")) return {};
      const Outcome one = (this->*matches_word)(words[each]);
      if (one.is(Outcome::Kind::no)) continue;
      if (!one.is(Outcome::Kind::yes)) return one;
      const auto rest = std::find_if(words.begin() + static_cast<std::ptrdiff_t>(each) + 1, words.end(),
                                     [](const std::string& word) { return same_text(word, "EXCEPT"); });
      if (rest == words.end()) return one;
      const Outcome excepted = matches_list({rest + 1, words.end()}, matches_word);
      if (excepted.is(Outcome::Kind::yes)) return {};
      return excepted.is(Outcome::Kind::no) ? one : excepted;
    }
    return {};
  }

  [[nodiscard]] Host client() const {
    return {request_.client, request_.client_name, WrapNeed::client_name,
            request_.client ? to_text(request_.client->address) : std::string(kUnknown)};
  }
  [[nodiscard]] Host server() const {
    return {request_.server, request_.server_name, WrapNeed::server_name,
            request_.server ? to_text(request_.server->address) : std::string(kUnknown)};
  }

  Outcome matches_daemon(std::string_view word) const {
    const std::size_t at = word.find('@', 1);
    if (at == std::string_view::npos) return matches_daemon_or_port(word);
    const Outcome daemon = matches_daemon_or_port(word.substr(0, at));
    if (!daemon.is(Outcome::Kind::yes)) return daemon;
    if (!request_.has_server) return {Outcome::Kind::need, WrapNeed::server_address};
    return matches_host(word.substr(at + 1), server(), 0);
  }

  Outcome matches_daemon_or_port(std::string_view word) const {
    if (matches_wrap_text(word, request_.daemon)) return Outcome::of(true);
    if (word.empty() || word.find_first_not_of("0123456789") != std::string_view::npos) return {};
    if (!request_.has_server) return {Outcome::Kind::need, WrapNeed::server_address};
    return Outcome::of(request_.server && word == std::to_string(request_.server->port));
  }

  Outcome matches_client(std::string_view word) const {
    const std::size_t at = word.find('@', 1);
    if (at == std::string_view::npos) return matches_host(word, client(), 0);
    const Outcome host = matches_host(word.substr(at + 1), client(), 0);
    if (!host.is(Outcome::Kind::yes)) return host;
    if (!request_.client_user) return {Outcome::Kind::need, WrapNeed::client_user};
    return Outcome::of(matches_wrap_text(word.substr(0, at), *request_.client_user));
  }

  Outcome matches_host(std::string_view pattern, const Host& host, int depth) const {
    if (pattern.empty()) return {};
    if (pattern.front() == '/') return matches_file(pattern, host, depth);
    const Outcome need{Outcome::Kind::need, host.name_need};
    if (pattern.front() == '@') {
      if (!host.name) return need;
      return Outcome::of(is_in_netgroup(netgroups(), pattern.substr(1), *host.name));
    }
    if (same_text(pattern, "ALL")) return Outcome::of(true);
    if (same_text(pattern, "KNOWN")) {
      if (!host.endpoint) return {};
      return host.name ? Outcome::of(is_known(*host.name)) : need;
    }
    if (same_text(pattern, "LOCAL")) {
      return host.name ? Outcome::of(is_known(*host.name) && host.name->find('.') == std::string::npos) : need;
    }
    if (pattern.front() == '[') return Outcome::of(host.endpoint && matches_v6_net(pattern, host.endpoint->address));
    if (const std::size_t slash = pattern.find('/'); slash != std::string_view::npos) {
      return Outcome::of(host.endpoint && matches_v4_net(pattern.substr(0, slash), pattern.substr(slash + 1), host.endpoint->address));
    }
    if (matches_wrap_text(pattern, host.address)) return Outcome::of(true);
    if (is_address_like(pattern)) return {};
    return host.name ? Outcome::of(matches_wrap_text(pattern, *host.name)) : need;
  }

  Outcome matches_file(std::string_view path, const Host& host, int depth) const {
    if (depth == kMaxPatternDepth) return {};
    const auto found = std::ranges::find(bundle_.files, path, &SourceFile::path);
    const auto file = static_cast<std::uint16_t>(found - bundle_.files.begin());
    const auto is_about = [&](const Diagnostic& one) { return one.where == Where{0, 0, file}; };
    if (found == bundle_.files.end() || std::ranges::any_of(bundle_.problems, is_about)) return {Outcome::Kind::unreadable, {}, file};
    for (const std::string& word : wrap_words(found->text, " \t\r\n\v\f")) {
      const Outcome one = matches_host(word, host, depth + 1);
      if (!one.is(Outcome::Kind::no)) return one;
    }
    return {};
  }

  [[nodiscard]] std::string_view netgroups() const noexcept {
    return bundle_.files.size() > kWrapNetgroupFile ? std::string_view(bundle_.files[kWrapNetgroupFile].text) : std::string_view();
  }

  const Bundle& bundle_;
  const WrapRequest& request_;
};

}  // namespace

bool matches_wrap_text(std::string_view pattern, std::string_view text) noexcept {
  if (pattern.empty()) return false;
  if (pattern.find_first_of("*?") != std::string_view::npos) return matches_wildcard(pattern, text);
  if (pattern.front() == '.') return text.size() > pattern.size() && same_text(pattern, text.substr(text.size() - pattern.size()));
  if (same_text(pattern, "ALL")) return true;
  if (same_text(pattern, "KNOWN")) return !same_text(text, kUnknown);
  if (pattern.back() == '.') return same_text(pattern, text.substr(0, pattern.size()));
  return same_text(pattern, text);
}

WrapEffect effect_of(const WrapRule& rule) noexcept {
  using OptionKind = WrapOption::Kind;
  const OptionKind last = rule.options.empty() ? OptionKind::severity : rule.options.back().kind;
  if (rule.refuses_all || last == OptionKind::deny) return WrapEffect::refuses;
  if (last == OptionKind::wrong) return WrapEffect::is_wrong;
  if (last == OptionKind::twist) return WrapEffect::twists;
  if (last == OptionKind::allow || rule.where.file == kWrapAllowFile) return WrapEffect::admits;
  return WrapEffect::refuses;
}

WrapFound find_wrap_rule(const WrapRules& rules, const Bundle& bundle, const WrapRequest& request, std::size_t first) {
  const Matcher matcher(bundle, request);
  for (std::size_t each = first; each < rules.rules.size(); ++each) {
    const Outcome outcome = matcher.matches(rules.rules[each]);
    switch (outcome.kind) {
      case Outcome::Kind::no:
        break;
      case Outcome::Kind::yes:
        return WrapMatched{each};
      case Outcome::Kind::need:
        return outcome.need;
      case Outcome::Kind::unreadable:
        return WrapUnreadable{each, outcome.file};
    }
  }
  return WrapUnmatched{};
}

}  // namespace reeve
