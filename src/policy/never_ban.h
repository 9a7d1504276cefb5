// NeverBan: who is not banned whatever he does, and why: what never_ban names and what the machine itself needs.
//
// Pure: what the machine needs comes in as a value (sys/local_network.h finds it out). The ban table asks it before each ban
// and at each look-up, so that a ban that was there before holds for nobody of these.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/local_network.h"
#include "base/prefix_trie.h"
#include "config/service.h"

namespace reeve {

struct Guarded {
  enum class Why : std::uint8_t { bound, never_ban, own, operator_, gateway, resolver } why = Why::bound;
  Prefix prefix;

  friend bool operator==(const Guarded&, const Guarded&) = default;
};
// "an address that services listen on", "a default gateway", ...
[[nodiscard]] std::string_view to_text(Guarded::Why why) noexcept;

// Who is never banned under `configuration` on this machine: the addresses that services are bound to, never_ban, and `local`.
// Ordered, no prefix twice.
[[nodiscard]] std::vector<Guarded> guarded(const Configuration& configuration, const LocalNetwork& local);

class NeverBan {
 public:
  NeverBan() = default;
  explicit NeverBan(std::vector<Guarded> list);

  [[nodiscard]] bool spares(const Address& source) const noexcept { return trie_.longest_match(source).has_value(); }
  // One that holds `prefix`, or lies in it; nullptr: `prefix` may be banned.
  [[nodiscard]] const Guarded* conflict(const Prefix& prefix) const noexcept;
  [[nodiscard]] const std::vector<Guarded>& list() const noexcept { return list_; }

 private:
  std::vector<Guarded> list_;  // ordered by prefix
  PrefixTrie trie_;            // to indices of the list
};

}  // namespace reeve
