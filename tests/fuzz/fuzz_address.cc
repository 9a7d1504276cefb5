// Foreign text as an address, and foreign bytes as prefixes: what is read is written and read back as the same,
// and the trie agrees with the prefixes' own word on what they contain.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/check.h"
#include "base/prefix_trie.h"

namespace {

using reeve::Address;
using reeve::Prefix;

void read_and_write(std::string_view text) {
  if (const auto prefix = reeve::parse_prefix(text)) REEVE_CHECK(reeve::parse_prefix(reeve::to_text(*prefix)) == prefix);
  const auto address = reeve::parse_address(text);
  if (!address) return;
  const std::string written = reeve::to_text(*address);
  REEVE_CHECK(reeve::parse_address(written) == address);
  REEVE_CHECK(written.size() <= 39);
  REEVE_CHECK(!reeve::to_text(reeve::Endpoint{*address, 65535}).empty());
}

// Each 18 bytes are one step: what to do, how many bits, of which address.
void play(const std::uint8_t* data, std::size_t size) {
  reeve::PrefixTrie trie;
  std::vector<Prefix> model;
  for (; size >= 18 && model.size() < 64; data += 18, size -= 18) {
    std::array<std::uint8_t, 16> bytes;
    std::copy_n(data + 2, 16, bytes.begin());
    const Prefix prefix = Prefix::of(Address(bytes), data[1] % 129u);
    const auto known = std::ranges::find(model, prefix);
    if (data[0] % 2 == 0) {
      REEVE_CHECK(trie.insert(prefix, data[0]) == (known == model.end()));
      if (known == model.end()) model.push_back(prefix);
    } else {
      REEVE_CHECK(trie.erase(prefix) == (known != model.end()));
      if (known != model.end()) model.erase(known);
    }
    REEVE_CHECK(trie.size() == model.size());
    const Prefix* best = nullptr;
    for (const Prefix& entry : model) {
      if (entry.contains(Address(bytes)) && (best == nullptr || entry.bits > best->bits)) best = &entry;
    }
    const auto match = trie.longest_match(Address(bytes));
    REEVE_CHECK(match.has_value() == (best != nullptr));
    REEVE_CHECK(!match || match->prefix == *best);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_and_write({reinterpret_cast<const char*>(data), size});
  play(data, size);
  return 0;
}
