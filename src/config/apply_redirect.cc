// Whereto connections are relayed, and on whose word they come.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/address_forms.h"
#include "config/apply.h"
#include "config/values.h"

namespace reeve::apply_attribute {
namespace {

constexpr std::size_t kMostTargets = 64;
constexpr std::size_t kMostPath = 107;  // unix(7): sun_path with its NUL
constexpr std::size_t kMostName = 253;  // RFC 1035
constexpr std::int64_t kMostConnectSeconds = 3600, kMostIdleSeconds = 366 * 86400;

bool is_name_byte(char c) noexcept {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' || c == '_';
}

// A numeric address or the name of a host.
bool is_host(std::string_view text) noexcept {
  if (parse_address(text)) return true;
  if (text.empty() || text.size() > kMostName || !std::ranges::all_of(text, is_name_byte)) return false;
  // What consists of digits and dots only was meant as an address.
  return !std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::optional<std::uint16_t> read_port(Desk& desk, Draft& draft, const Word& word) {
  const std::optional<std::int64_t> number = parse_integer(word.text);
  if (number && *number >= 1 && *number <= 65535) return static_cast<std::uint16_t>(*number);
  if (number) {
    desk.refuse(draft, word.where, fmt::format("redirect: `{}` is not a port from 1 to 65535", printable(word.text, 60)));
    return std::nullopt;
  }
  const std::optional<std::uint16_t> found = desk.names.names().find_port(std::string(word.text), "tcp");
  if (!found)
    desk.refuse(draft, word.where, fmt::format("redirect: there is no tcp service `{}` in services(5)", printable(word.text, 60)));
  return found;
}

}  // namespace

void redirect(Desk& desk, Draft& draft, const Assignment& assignment) {
  draft.targets.clear();
  const auto& words = assignment.values;
  for (std::size_t each = 0; each < words.size(); ++each) {
    const Word& host = words[each];
    if (draft.targets.size() == kMostTargets) {
      return desk.refuse(draft, host.where, fmt::format("redirect: more than {} targets", kMostTargets));
    }
    if (host.text.starts_with('/')) {
      if (host.text.size() > kMostPath) {
        return desk.refuse(draft, host.where, fmt::format("redirect: the path of a socket has at most {} bytes", kMostPath));
      }
      draft.targets.push_back({.host = desk.store.intern(host.text)});
      continue;
    }
    if (!is_host(host.text)) {
      return desk.refuse(draft, host.where,
                         fmt::format("redirect: `{}` is neither an address nor the name of a host", printable(host.text, 60)),
                         "redirect = HOST PORT, or the absolute path of a unix socket");
    }
    if (++each == words.size()) {
      return desk.refuse(draft, host.where, fmt::format("redirect: `{}` has no port", printable(host.text, 60)),
                         "redirect = HOST PORT, or the absolute path of a unix socket");
    }
    const std::optional<std::uint16_t> port = read_port(desk, draft, words[each]);
    if (!port) return;
    draft.targets.push_back({.host = desk.store.intern(host.text), .port = *port});
  }
}

void redirect_balance(Desk& desk, Draft& draft, const Assignment& assignment) {
  static constexpr auto kWords = std::to_array<std::string_view>({"round_robin", "least_connections"});
  for (std::size_t each = 0; each < kWords.size(); ++each) {
    if (!equal_ignoring_case(value_of(assignment).text, kWords[each])) continue;
    draft.redirect.balance = static_cast<Balance>(each);
    return;
  }
  refuse_word(desk, draft, assignment, value_of(assignment), kWords);
}
static_assert(static_cast<int>(Balance::round_robin) == 0 && static_cast<int>(Balance::least_connections) == 1);

void redirect_timeout(Desk& desk, Draft& draft, const Assignment& assignment) {
  const auto connect = read_number(desk, draft, assignment, assignment.values[0], 1, kMostConnectSeconds);
  if (!connect) return;
  draft.redirect.connect_seconds = static_cast<std::uint32_t>(*connect);
  draft.redirect.idle_seconds = 0;
  if (assignment.values.size() < 2) return;
  if (const auto idle = read_number(desk, draft, assignment, assignment.values[1], 0, kMostIdleSeconds))
    draft.redirect.idle_seconds = static_cast<std::uint32_t>(*idle);
}

void proxy_protocol(Desk& desk, Draft& draft, const Assignment& assignment) {
  static constexpr auto kWords = std::to_array<std::string_view>({"no", "v1", "v2"});
  for (std::size_t each = 0; each < kWords.size(); ++each) {
    if (!equal_ignoring_case(value_of(assignment).text, kWords[each])) continue;
    draft.redirect.proxy_protocol = static_cast<ProxyProtocol>(each);
    return;
  }
  refuse_word(desk, draft, assignment, value_of(assignment), kWords);
}
static_assert(static_cast<int>(ProxyProtocol::no) == 0 && static_cast<int>(ProxyProtocol::v2) == 2);

// Numeric only: whom to believe can't depend on what a name server says.
void proxy_from(Desk& desk, Draft& draft, const Assignment& assignment) {
  const ListDraft<AccessEntry>* theirs = draft.is_defaults() ? nullptr : &draft.defaults->proxy_from;
  begin_change(draft, draft.proxy_from, theirs, assignment);
  auto& items = draft.proxy_from.items;
  for (const Word& word : assignment.values) {
    const Result<AddressForm> form = parse_address_form(word.text);
    if (!form || form->is_name) {
      desk.refuse(draft, word.where,
                  fmt::format("proxy_from: `{}`: {}", printable(word.text, 60), form ? "is not a numeric address" : form.error().what));
      continue;
    }
    for (const Prefix& prefix : form->prefixes) {
      if (assignment.op == Operator::remove) {
        std::erase_if(items, [&](const AccessEntry& one) { return one.prefix == prefix; });
      } else {
        items.push_back({.prefix = prefix, .where = word.where});
      }
    }
  }
}

}  // namespace reeve::apply_attribute
