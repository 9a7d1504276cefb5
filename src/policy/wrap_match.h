// WrapMatch: which rule of hosts.allow and hosts.deny speaks of a visit?
//
// Pure, the only implementation: the engine, `reeve` and the tests ask it. Names are looked up only when a pattern is
// reached that can't be answered without, as the library does it: the answer then is a WrapNeed; find that out, put it into
// the request and ask again.
//
// Patterns compare without regard to case. Of a list's words the first that matches decides, unless an EXCEPT behind it
// takes that back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/address.h"
#include "config/bundle.h"
#include "config/wrap_rules.h"

namespace reeve {

// Files of patterns that name each other are followed so far; deeper down nothing matches.
constexpr int kMaxPatternDepth = 8;

struct WrapRequest {
  std::string_view daemon;
  std::optional<Endpoint> client;  // nullopt: unknown (wait = yes streams)
  std::optional<Endpoint> server;  // where the client connected to
  // nullopt: not asked yet. "unknown" where there is none, "paranoid" where the name doesn't lead back to the address.
  std::optional<std::string> client_name, server_name;
  std::optional<std::string> client_user;  // or "unknown"
  bool has_server = false;                 // `server` was looked up, whatever came of it
};

enum class WrapNeed : std::uint8_t { client_name, client_user, server_address, server_name };

// The rule that speaks of the visit, by its number.
struct WrapMatched {
  std::size_t rule = 0;
};
// A pattern can't be answered: its file can't be read. The visit is to be refused.
struct WrapUnreadable {
  std::size_t rule = 0;
  std::uint16_t file = 0;
};
struct WrapUnmatched {};
using WrapFound = std::variant<WrapUnmatched, WrapMatched, WrapUnreadable, WrapNeed>;

// Looks at the rules from number `first` on. `bundle` is what they were made from.
[[nodiscard]] WrapFound find_wrap_rule(const WrapRules& rules, const Bundle& bundle, const WrapRequest& request, std::size_t first = 0);

// What a rule means for whoever matches it, as far as its file and its options say: an `aclexec` may refuse him yet.
enum class WrapEffect : std::uint8_t {
  admits,
  refuses,
  twists,    // a command takes the service's place
  is_wrong,  // refuses: one of its options is wrong, see the last one
};
[[nodiscard]] WrapEffect effect_of(const WrapRule& rule) noexcept;

// One pattern against one text: a daemon's, a user's or a host's name, or an address. Wildcards, ".domain", "net.", ALL
// and KNOWN.
[[nodiscard]] bool matches_wrap_text(std::string_view pattern, std::string_view text) noexcept;

}  // namespace reeve
