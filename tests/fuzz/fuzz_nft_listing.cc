// What nft(8) writes of our table, which others may have written into: any bytes are taken apart, and nothing is made up.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "defence/nft_bans.h"
#include "defence/nft_listing.h"
#include "defence/nft_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reeve;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const NftListing listing = parse_nft_listing(text);
  for (const auto& element : listing.bans) {
    const auto set = ban_set_of(element.prefix);
    REEVE_CHECK(set && text.find(*set) != std::string_view::npos);
    REEVE_CHECK(!element.left || element.left->count() >= 0);
  }
  // Whatever is there and nobody wants is a change; told twice, it is one no more.
  NftBans bans;
  const Instant now{std::chrono::hours(1)};
  (void)bans.compare(listing, now, now);
  while (bans.has_changes()) (void)bans.take("t", now);
  return 0;
}
