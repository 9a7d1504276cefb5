#include "defence/nft_bans.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <fmt/format.h>

#include "defence/nft_rules.h"

namespace reeve {

namespace {

struct HashOfPrefix {
  // Who is banned chooses his address, so bytes are mixed well.
  using is_avalanching = void;
  std::size_t operator()(const Prefix& prefix) const noexcept {
    std::uint64_t words[2];
    static_assert(sizeof words == sizeof(Address));
    std::copy_n(prefix.address.bytes().data(), sizeof words, reinterpret_cast<std::uint8_t*>(words));
    std::uint64_t hash = prefix.bits;
    for (const std::uint64_t word : words) {
      hash ^= word;
      hash *= 0x9e3779b97f4a7c15u;
      hash ^= hash >> 32;
    }
    return hash;
  }
};

constexpr std::chrono::seconds kTolerance{5};  // between our end of a ban and the kernel's
// What the kernel is told at most; it is told again when it has forgotten.
constexpr std::chrono::seconds kLongest{3650LL * 24 * 3600};

}  // namespace

struct NftBans::State {
  using Bans = boost::unordered_flat_map<Prefix, Instant, HashOfPrefix>;  // Instant::max(): for ever
  using Prefixes = boost::unordered_flat_set<Prefix, HashOfPrefix>;
  Bans bans;
  Prefixes known;    // a change: the kernel may have it, with another end or not to be there at all
  Prefixes unknown;  // a change: the kernel has not heard of it
  bool renewing = false;
  Bans renewed;
  std::set<std::string> sets;
  std::size_t left_out = 0;

  void change(const Prefix& prefix, bool is_known) {
    if (is_known) {
      unknown.erase(prefix);
      known.insert(prefix);
    } else if (!known.contains(prefix)) {
      unknown.insert(prefix);
    }
  }

  void put(const Prefix& prefix, Instant until) {
    auto set = ban_set_of(prefix);
    const auto found = bans.find(prefix);
    if (!set || (found == bans.end() && bans.size() >= kMostBans)) {
      ++left_out;
      return;
    }
    const bool is_known = found != bans.end();
    if (is_known && found->second == until) return;
    bans[prefix] = until;
    sets.insert(std::move(*set));
    change(prefix, is_known && !unknown.contains(prefix));
  }

  void lift(const Prefix& prefix) {
    if (bans.erase(prefix) == 0) return;
    change(prefix, true);
  }
};

NftBans::NftBans() : state_(std::make_unique<State>()) {}
NftBans::~NftBans() = default;

void NftBans::begin() {
  state_->renewing = true;
  state_->renewed.clear();
}

void NftBans::put(const Prefix& prefix, std::optional<Instant> until) {
  const Instant end = until.value_or(Instant::max());
  if (!state_->renewing) return state_->put(prefix, end);
  if (state_->renewed.size() < kMostBans) {
    state_->renewed[prefix] = end;
  } else {
    ++state_->left_out;
  }
}

void NftBans::lift(const Prefix& prefix) {
  if (state_->renewing) {
    state_->renewed.erase(prefix);
  } else {
    state_->lift(prefix);
  }
}

void NftBans::end() {
  if (!std::exchange(state_->renewing, false)) return;
  const State::Bans renewed = std::exchange(state_->renewed, {});
  std::vector<Prefix> gone;
  for (const auto& [prefix, until] : state_->bans) {
    if (!renewed.contains(prefix)) gone.push_back(prefix);
  }
  for (const Prefix& prefix : gone) state_->lift(prefix);
  for (const auto& [prefix, until] : renewed) state_->put(prefix, until);
}

bool NftBans::has_changes() const noexcept {
  return !state_->known.empty() || !state_->unknown.empty();
}

std::string NftBans::take(const std::string& table, Instant now) {
  struct Changes {
    std::string removed, added;
  };
  std::map<std::string, Changes> of_set;
  std::size_t count = 0;
  const auto append = [](std::string& list, const std::string& element) { list.append(list.empty() ? "" : ", ").append(element); };
  const auto take_from = [&](State::Prefixes& changes, bool is_known) {
    for (auto each = changes.begin(); each != changes.end() && count < kAtOnce; ++count) {
      const Prefix prefix = *each;
      changes.erase(each++);
      Changes& lists = of_set[ban_set_of(prefix).value_or(std::string())];
      const std::string address = to_text(prefix.address);
      if (is_known) append(lists.removed, address);
      const auto found = state_->bans.find(prefix);
      if (found == state_->bans.end() || found->second <= now) continue;
      if (found->second == Instant::max()) {
        append(lists.added, address);
      } else {
        // The kernel's end is not before ours.
        const auto left = std::min<Instant::duration>(found->second - now, kLongest);
        append(lists.added, fmt::format("{} timeout {}s", address, std::chrono::ceil<std::chrono::seconds>(left).count()));
      }
    }
  };
  take_from(state_->known, true);
  take_from(state_->unknown, false);
  std::string text;
  for (const auto& [set, changes] : of_set) {
    const auto command = [&](std::string_view verb, const std::string& elements) {
      if (!elements.empty()) text += fmt::format("{} element inet {} {} {{ {} }}\n", verb, table, set, elements);
    };
    // An element keeps the end that it has, so it goes and comes; what is not there can't go, so it is there first.
    command("add", changes.removed);
    command("delete", changes.removed);
    command("add", changes.added);
  }
  return text;
}

std::size_t NftBans::compare(const NftListing& listing, Instant began, Instant ended) {
  const Instant now = began;
  const Instant::duration tolerance = kTolerance + (ended - began);
  std::size_t drift = 0;
  State::Prefixes seen;
  seen.reserve(listing.bans.size());
  for (const NftListing::BannedElement& element : listing.bans) {
    if (!seen.insert(element.prefix).second) continue;
    const auto found = state_->bans.find(element.prefix);
    const bool is_change = state_->known.contains(element.prefix);
    if (found == state_->bans.end() || found->second <= now) {
      // It is about to end, or nobody wants it.
      if (element.left && *element.left < tolerance) continue;
    } else {
      const bool for_ever = found->second == Instant::max();
      if (for_ever && !element.left) continue;
      const auto left = std::min<Instant::duration>(found->second - now, kLongest);
      if (!for_ever && element.left && std::chrono::abs(left - *element.left) < tolerance) continue;
      // Both are too long for the kernel to know better.
      if (!for_ever && element.left && left == kLongest && *element.left > kLongest / 2) continue;
    }
    state_->change(element.prefix, true);
    if (!is_change) ++drift;
  }
  for (const auto& [prefix, until] : state_->bans) {
    if (until <= now + tolerance || seen.contains(prefix)) continue;
    if (!state_->unknown.contains(prefix) && !state_->known.contains(prefix)) ++drift;
    state_->change(prefix, false);
  }
  return drift;
}

void NftBans::all_anew(Instant now) {
  state_->known.clear();
  state_->unknown.clear();
  for (const auto& [prefix, until] : state_->bans) {
    if (until > now) state_->unknown.insert(prefix);
  }
}

const std::set<std::string>& NftBans::sets() const noexcept {
  return state_->sets;
}

std::size_t NftBans::size() const noexcept {
  return state_->bans.size();
}

std::size_t NftBans::left_out() const noexcept {
  return state_->left_out;
}

void NftBans::expire(Instant now) {
  boost::unordered::erase_if(state_->bans, [now](const auto& ban) { return ban.second <= now; });
}

}  // namespace reeve
