// Lists of networks that others publish: whatever they hold, what comes out is sorted, distinct, not too wide, and within its bound.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/printable.h"
#include "config/prefix_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reeve;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::size_t kMost = 500;
  const PrefixList list = parse_prefix_list(text, kMost);
  REEVE_CHECK(list.prefixes.size() <= kMost && list.shown.size() <= PrefixList::kMostShown && list.refused <= list.lines);
  REEVE_CHECK(std::ranges::is_sorted(list.prefixes));
  for (std::size_t each = 0; each < list.prefixes.size(); ++each) {
    const Prefix& prefix = list.prefixes[each];
    REEVE_CHECK(prefix == Prefix::of(prefix.address, prefix.bits));
    REEVE_CHECK(prefix.bits >= (prefix.is_v4() ? 96 + kWidestListedV4 : kWidestListedV6));
    if (each > 0) REEVE_CHECK(!list.prefixes[each - 1].contains(prefix.address));
  }
  const std::string kept = refusals_text(list);
  for (std::string_view rest = kept; !rest.empty();) {
    const Utf8Character character = first_character(rest);
    REEVE_CHECK(character.printable);
    rest.remove_prefix(character.bytes);
  }
  return 0;
}
