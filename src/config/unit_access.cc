#include "config/unit_access.h"

#include <algorithm>
#include <array>

namespace reeve {
namespace {

constexpr unsigned kV4Bits = 96;

const Prefix& all_v4() {
  static const Prefix kAll = Prefix::of(Address::v4(0), kV4Bits);
  return kAll;
}
const Prefix& all_v6() {
  static const Prefix kAll = Prefix::of(Address{}, 0);
  return kAll;
}

// reeve keeps IPv4 within IPv6: a wide prefix of IPv6 holds all of IPv4, too.
bool is_wide(const Prefix& prefix) noexcept {
  return prefix.bits < kV4Bits && prefix.contains(all_v4().address);
}

bool is_within(const Prefix& inner, const Prefix& outer) noexcept {
  return inner.bits >= outer.bits && outer.contains(inner.address);
}

// Of one family, as systemd keeps them apart.
bool covers(const Prefix& outer, const Prefix& inner) noexcept {
  return outer.is_v4() == inner.is_v4() && is_within(inner, outer);
}

void add(std::vector<Prefix>& list, const Prefix& prefix) {
  if (std::ranges::find(list, prefix) == list.end()) list.push_back(prefix);
}

// `from` without `hole`, which may lie beside it.
void subtract(std::vector<Prefix>& pieces, const Prefix& from, const Prefix& hole) {
  if (is_within(from, hole)) return;
  if (!is_within(hole, from)) return pieces.push_back(from);
  // One step down: the half that the hole is not in stays whole.
  for (unsigned bits = from.bits + 1U; bits <= hole.bits; ++bits) {
    std::array<std::uint8_t, 16> bytes = hole.address.bytes();
    bytes[(bits - 1) / 8] = static_cast<std::uint8_t>(bytes[(bits - 1) / 8] ^ (0x80U >> ((bits - 1) % 8)));
    pieces.push_back(Prefix::of(Address(bytes), bits));
  }
}

}  // namespace

std::string access_word(const Prefix& prefix) {
  const std::string text = to_text(prefix);
  const bool is_host = prefix.is_v4() && prefix.bits == 128;
  return is_host && text.ends_with(".0") ? text + "/32" : text;
}

AccessWords from_systemd(std::span<const Prefix> allowed, std::span<const Prefix> denied) {
  AccessWords words;
  if (denied.empty()) return words;  // whoever is on no list comes in
  const auto is_denied = [&](const Prefix& all) { return std::ranges::find(denied, all) != denied.end(); };
  if (is_denied(all_v4()) && is_denied(all_v6())) {
    words.only_from.emplace();
    for (const Prefix& one : allowed) add(*words.only_from, one);
    // Such an entry would let in all of IPv4 here.
    const bool opens_v4 = std::ranges::any_of(allowed, is_wide) && std::ranges::find(allowed, all_v4()) == allowed.end();
    if (opens_v4) words.no_access.emplace({all_v4()});
    return words;
  }
  words.no_access.emplace();
  for (const Prefix& one : denied) {
    // Allowed as a whole: it denies nobody.
    if (std::ranges::none_of(allowed, [&](const Prefix& better) { return covers(better, one); })) add(*words.no_access, one);
  }
  const bool holds_apart = std::ranges::any_of(*words.no_access, is_wide);
  if (allowed.empty() && !holds_apart) return words;
  words.only_from.emplace({all_v4(), all_v6()});
  for (const Prefix& one : allowed) add(*words.only_from, one);
  return words;
}

std::optional<SystemdAccess> to_systemd(const Service& service) {
  SystemdAccess access;
  const auto numeric = [](const AccessList* list) {
    std::vector<Prefix> prefixes;
    for (std::size_t each = 0; list != nullptr && each < list->entries.size(); ++each) {
      if (list->entries[each].name.empty()) prefixes.push_back(list->entries[each].prefix);
    }
    return prefixes;
  };
  const std::vector<Prefix> wanted = numeric(service.only_from), unwanted = numeric(service.no_access);
  if (service.only_from == nullptr) {
    for (const Prefix& one : unwanted) {
      if (is_wide(one)) add(access.denied, all_v4());
      add(access.denied, one);
    }
    return access;
  }
  access.denied = {all_v4(), all_v6()};
  // What of `part`, which is all of `entry` or its IPv4, nothing on the other list outweighs.
  const auto admit = [&](const Prefix& entry, const Prefix& part) {
    std::vector<Prefix> pieces{part};
    for (const Prefix& hole : unwanted) {
      const bool outweighs = is_within(hole, entry) || (service.compat_xinetd && is_within(entry, hole));
      if (!outweighs || (hole.is_v4() != part.is_v4() && !is_wide(hole))) continue;
      // Of IPv6 that lies around it, a hole of IPv4 takes nothing.
      if (hole.is_v4() && !part.is_v4()) continue;
      std::vector<Prefix> left;
      for (const Prefix& piece : pieces) subtract(left, piece, hole);
      pieces = std::move(left);
      if (pieces.size() > kMostAllowed) return false;
    }
    for (const Prefix& piece : pieces) add(access.allowed, piece);
    return access.allowed.size() <= kMostAllowed;
  };
  for (const Prefix& entry : wanted) {
    if (is_wide(entry) && !admit(entry, all_v4())) return std::nullopt;
    if (!admit(entry, entry)) return std::nullopt;
  }
  return access;
}

}  // namespace reeve
