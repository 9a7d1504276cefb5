// PrefixTrie: from addresses to the longest prefix that contains them.
//
// Access lists, bans and limits ask it, so it must not care how much it holds: a look-up walks a
// multibit trie, a handful of memory accesses for a million prefixes. IPv4 and IPv6 live in the same
// trie (see base/address.h). Values are 32-bit numbers whose meaning is the caller's.
// Not thread-safe; never fails except for lack of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/address.h"

namespace reeve {

class PrefixTrie {
 public:
  struct Match {
    Prefix prefix;
    std::uint32_t value = 0;
  };

  PrefixTrie();
  PrefixTrie(PrefixTrie&&) noexcept;
  PrefixTrie& operator=(PrefixTrie&&) noexcept;
  ~PrefixTrie();

  // Sets the value of `prefix`; true when it was not there before.
  bool insert(const Prefix& prefix, std::uint32_t value);
  // True when it was there.
  bool erase(const Prefix& prefix);
  void clear();

  // Among the prefixes of at most `most_bits` bits.
  [[nodiscard]] std::optional<Match> longest_match(const Address& address, unsigned most_bits = 128) const noexcept;
  // The value of exactly this prefix.
  [[nodiscard]] std::optional<std::uint32_t> find(const Prefix& prefix) const noexcept;
  // Visits all entries, each once, in no promised order.
  void for_each(const std::function<void(const Prefix&, std::uint32_t)>& visit) const;

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

 private:
  class Nodes;
  std::unique_ptr<Nodes> nodes_;
};

}  // namespace reeve
