#include "defence/touched_ports.h"

#include <utility>

namespace reeve {

TouchedPorts::News TouchedPorts::compare(const std::vector<NftListing::Touch>& present) {
  News news;
  std::set<std::pair<Address, std::uint16_t>> all;
  for (const NftListing::Touch& touch : present) {
    if (!all.insert({touch.source, touch.port}).second || known_.contains({touch.source, touch.port})) continue;
    if (news.touches.size() < kMostAtOnce) {
      news.touches.push_back(touch);
    } else {
      ++news.more;
    }
  }
  known_ = std::move(all);
  return news;
}

}  // namespace reeve
