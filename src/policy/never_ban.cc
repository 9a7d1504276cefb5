#include "policy/never_ban.h"

#include <algorithm>

#include "config/defence.h"

namespace reeve {

std::string_view to_text(Guarded::Why why) noexcept {
  switch (why) {
    case Guarded::Why::bound:
      return "an address that services listen on";
    case Guarded::Why::never_ban:
      return "named by never_ban";
    case Guarded::Why::own:
      return "an address of this machine";
    case Guarded::Why::operator_:
      return "where an operator of the daemon works";
    case Guarded::Why::gateway:
      return "a default gateway";
    case Guarded::Why::resolver:
      return "a name server of this machine";
  }
  return "";
}

std::vector<Guarded> guarded(const Configuration& configuration, const LocalNetwork& local) {
  std::vector<Guarded> list;
  Address last;
  for (const Place& place : configuration.places) {
    if (place.is_unix() || place.address.is_unspecified() || place.address == last) continue;
    last = place.address;
    list.push_back({Guarded::Why::bound, Prefix::host(place.address)});
  }
  for (const Prefix& prefix : configuration.defence->bans.never) list.push_back({Guarded::Why::never_ban, prefix});
  const auto add = [&](Guarded::Why why, const std::vector<Address>& addresses) {
    for (const Address& address : addresses) {
      if (!address.is_unspecified()) list.push_back({why, Prefix::host(address)});
    }
  };
  add(Guarded::Why::own, local.own);
  add(Guarded::Why::operator_, local.operators);
  add(Guarded::Why::gateway, local.gateways);
  add(Guarded::Why::resolver, local.resolvers);
  // Of several reasons the first one above is told.
  std::ranges::sort(list, {}, [](const Guarded& one) { return std::pair(one.prefix, one.why); });
  const auto [from, to] = std::ranges::unique(list, {}, &Guarded::prefix);
  list.erase(from, to);
  return list;
}

NeverBan::NeverBan(std::vector<Guarded> list) : list_(std::move(list)) {
  std::ranges::stable_sort(list_, {}, &Guarded::prefix);
  for (std::uint32_t each = 0; each < list_.size(); ++each) trie_.insert(list_[each].prefix, each);
}

const Guarded* NeverBan::conflict(const Prefix& prefix) const noexcept {
  if (const auto around = trie_.longest_match(prefix.address, prefix.bits)) return &list_[around->value];
  // What lies in it begins with its address or a later one, and the first of those lies in it if any does.
  const auto inner = std::ranges::lower_bound(list_, prefix, {}, &Guarded::prefix);
  return inner != list_.end() && prefix.contains(inner->prefix.address) ? &*inner : nullptr;
}

}  // namespace reeve
