// A path-compressed trie with a stride of six bits.
//
// A node stands for six bits of the address. The prefixes that end inside them, and the subtries below them,
// are two bitmaps and one packed block of references, in bitmap order, so a node with two children pays for
// two. Only where prefixes part there is a node: a subtrie that holds a single entry is that entry, and bits
// on which all agree are skipped and compared at once. Therefore a node always holds at least two references,
// there are fewer nodes than entries, and the same set of prefixes makes the same trie in whatever order it
// was inserted.
//
// From some thousand entries on, a Shortcut for each family leads past the upper nodes: an array with the state of
// the walk behind the bits in which most entries differ. So the millionth entry costs hardly more steps than
// the first. It is made anew when the trie has doubled or grown elsewhere, and kept true by each insertion and removal.
#include "base/prefix_trie.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "base/check.h"
#include "base/prefix_nodes.h"

namespace reeve {

using namespace trie;

class PrefixTrie::Nodes {
 public:
  bool insert(const Prefix& prefix, std::uint32_t value);
  bool erase(const Prefix& prefix);
  [[nodiscard]] std::uint32_t find(const Prefix& prefix) const noexcept;
  [[nodiscard]] std::uint32_t longest_match(Key key, unsigned most_bits) const noexcept;

  [[nodiscard]] const Entry& entry(std::uint32_t index) const noexcept { return entries_[index]; }
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_.elements(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.living(); }

 private:
  // What is being inserted or erased.
  struct Change {
    Key key;
    unsigned bits;
    std::uint32_t value = 0;
    bool done = false;  // it was new, or it was there
  };

  Ref insert_below(Ref ref, Change& change);
  Ref erase_below(Ref ref, Change& change);
  Ref fork(Ref existing, Key existing_key, unsigned existing_bits, Change& change);
  Ref new_entry(Change& change);
  void add(std::uint32_t node, Ref ref, Key key, unsigned bits);
  void add_ref(Node& node, unsigned position, Ref ref);
  void remove_ref(Node& node, unsigned position);
  Ref simplified(std::uint32_t node);

  static constexpr std::uint32_t kFewestForShortcut = 4096;

  // How a walk stands.
  struct Walk {
    Ref next = kNothing;            // where it goes on
    std::uint32_t best = kNothing;  // the longest match so far
  };
  // The walks of all addresses that share the first `begin` bits of `base`, by their bits from `begin` to `end`.
  struct Shortcut {
    Key base = 0;
    unsigned begin = 0, end = 0;  // `end` is a multiple of kStride, where nodes may begin
    std::vector<Walk> walks;

    [[nodiscard]] bool covers(Key key) const noexcept { return !walks.empty() && !differs(base, key, begin); }
    [[nodiscard]] std::size_t index_of(Key key) const noexcept {
      return static_cast<std::size_t>(key >> (kKeyBits - end)) & (walks.size() - 1);
    }
  };
  struct Family {
    std::uint32_t count = 0;      // of entries
    std::uint32_t elsewhere = 0;  // inserted since the shortcut was made, where it does not lead
    std::uint32_t remake_below = 0, remake_at = kFewestForShortcut;
    Shortcut shortcut;
  };

  [[nodiscard]] Walk walk_until(Key key, unsigned end) const noexcept;
  [[nodiscard]] std::size_t count_below(Ref ref, Ref without) const noexcept;
  void note_change(const Change& change, bool inserted);
  void remake_shortcut(bool v4);
  void refresh(Shortcut& shortcut, const Change& change);

  Ref root_ = kNothing;
  Pool<Node> nodes_;
  Pool<Entry> entries_;
  Blocks blocks_;
  std::array<Family, 2> families_;  // IPv6, IPv4
};

// ---------------------------------------------------------------- look-up

std::uint32_t PrefixTrie::Nodes::longest_match(Key key, unsigned most_bits) const noexcept {
  std::uint32_t best = kNothing;
  Ref ref = root_;
  const Shortcut& shortcut = families_[is_v4(key) ? 1 : 0].shortcut;
  if (most_bits >= shortcut.end && shortcut.covers(key)) {
    const Walk& walk = shortcut.walks[shortcut.index_of(key)];
    best = walk.best;
    ref = walk.next;
  }
  while (ref != kNothing) {
    if (is_entry(ref)) {
      const Entry& entry = entries_[ref & ~kEntryTag];
      if (entry.bits <= most_bits && !differs(entry.key(), key, entry.bits)) best = ref & ~kEntryTag;
      break;
    }
    const Node& node = nodes_[ref];
    if (node.level > most_bits || differs(node.key, key, node.level)) break;
    const unsigned chunk = chunk_of(key, node.level);
    const Ref* refs = blocks_.at(node.block);
    std::uint64_t containing = node.inner & kContaining[chunk];
    if (most_bits - node.level < kStride - 1) containing &= bit((2u << (most_bits - node.level)) - 1) - 1;
    if (containing != 0) best = refs[node.inner_position(63 - static_cast<unsigned>(std::countl_zero(containing)))] & ~kEntryTag;
    if ((node.outer & bit(chunk)) == 0) break;
    ref = refs[node.outer_position(chunk)];
  }
  return best;
}

std::uint32_t PrefixTrie::Nodes::find(const Prefix& prefix) const noexcept {
  const std::uint32_t best = longest_match(key_of(prefix.address), prefix.bits);
  return best != kNothing && entries_[best].bits == prefix.bits ? best : kNothing;
}

// ---------------------------------------------------------------- insertion

bool PrefixTrie::Nodes::insert(const Prefix& prefix, std::uint32_t value) {
  Change change{.key = key_of(prefix.address), .bits = prefix.bits, .value = value};
  root_ = insert_below(root_, change);
  if (change.done) note_change(change, true);
  return change.done;
}

// Returns what belongs into the slot that held `ref`.
Ref PrefixTrie::Nodes::insert_below(Ref ref, Change& change) {
  if (ref == kNothing) return new_entry(change);
  if (is_entry(ref)) {
    Entry& entry = entries_[ref & ~kEntryTag];
    if (entry.bits == change.bits && entry.key() == change.key) {
      entry.value = change.value;
      return ref;
    }
    return fork(ref, entry.key(), entry.bits, change);
  }
  const Node& node = nodes_[ref];
  if (change.bits < node.level || differs(node.key, change.key, node.level)) return fork(ref, node.key, node.level, change);
  const unsigned chunk = chunk_of(change.key, node.level), length = change.bits - node.level;
  if (length < kStride) {
    const unsigned index = inner_index(chunk, length);
    if ((node.inner & bit(index)) != 0) {
      entries_[blocks_.at(node.block)[node.inner_position(index)] & ~kEntryTag].value = change.value;
    } else {
      add(ref, new_entry(change), change.key, change.bits);
    }
    return ref;
  }
  if ((node.outer & bit(chunk)) == 0) {
    add(ref, new_entry(change), change.key, change.bits);
    return ref;
  }
  const unsigned position = node.outer_position(chunk);
  const Ref below = insert_below(blocks_.at(node.block)[position], change);
  const Node& again = nodes_[ref];  // the pool may have moved
  blocks_.at(again.block)[position] = below;
  return ref;
}

// A new node at the level where the existing reference and the new prefix part, with both below it.
Ref PrefixTrie::Nodes::fork(Ref existing, Key existing_key, unsigned existing_bits, Change& change) {
  const unsigned common = std::min({common_bits(existing_key, change.key), existing_bits, change.bits});
  const unsigned level = std::min(common, kKeyBits - 1) / kStride * kStride;
  const std::uint32_t index = nodes_.take();
  nodes_[index] =
      Node{.key = beginning(change.key, level), .block = blocks_.take(Blocks::class_of(2)), .level = static_cast<std::uint8_t>(level)};
  add(index, existing, existing_key, existing_bits);
  add(index, new_entry(change), change.key, change.bits);
  return index;
}

Ref PrefixTrie::Nodes::new_entry(Change& change) {
  const std::uint32_t index = entries_.take();
  entries_[index] = {
      .high = high_half(change.key), .low = low_half(change.key), .value = change.value, .bits = static_cast<std::uint8_t>(change.bits)};
  change.done = true;
  return index | kEntryTag;
}

// Puts `ref`, whose prefix is `key`/`bits`, into a slot of `node` that is free.
void PrefixTrie::Nodes::add(std::uint32_t index, Ref ref, Key key, unsigned bits) {
  Node& node = nodes_[index];
  const unsigned chunk = chunk_of(key, node.level), length = bits - node.level;
  if (length < kStride) {
    const unsigned inner = inner_index(chunk, length);
    add_ref(node, node.inner_position(inner), ref);
    node.inner |= bit(inner);
  } else {
    add_ref(node, node.outer_position(chunk), ref);
    node.outer |= bit(chunk);
  }
}

// ---------------------------------------------------------------- removal

bool PrefixTrie::Nodes::erase(const Prefix& prefix) {
  Change change{.key = key_of(prefix.address), .bits = prefix.bits};
  root_ = erase_below(root_, change);
  if (change.done) note_change(change, false);
  return change.done;
}

// Returns what belongs into the slot that held `ref`.
Ref PrefixTrie::Nodes::erase_below(Ref ref, Change& change) {
  if (ref == kNothing) return ref;
  if (is_entry(ref)) {
    Entry& entry = entries_[ref & ~kEntryTag];
    if (entry.bits != change.bits || entry.key() != change.key) return ref;
    entry.bits = kFree;
    entries_.give_back(ref & ~kEntryTag);
    change.done = true;
    return kNothing;
  }
  Node& node = nodes_[ref];
  if (change.bits < node.level || differs(node.key, change.key, node.level)) return ref;
  const unsigned chunk = chunk_of(change.key, node.level), length = change.bits - node.level;
  const bool is_inner = length < kStride;
  std::uint64_t& bitmap = is_inner ? node.inner : node.outer;
  const unsigned index = is_inner ? inner_index(chunk, length) : chunk;
  if ((bitmap & bit(index)) == 0) return ref;
  const unsigned position = is_inner ? node.inner_position(index) : node.outer_position(index);
  const Ref below = erase_below(blocks_.at(node.block)[position], change);
  if (below != kNothing) {
    blocks_.at(node.block)[position] = below;
    return ref;
  }
  remove_ref(node, position);
  bitmap &= ~bit(index);
  return simplified(ref);
}

// A node with a single reference is not needed: the reference takes its place.
Ref PrefixTrie::Nodes::simplified(std::uint32_t index) {
  Node& node = nodes_[index];
  if (node.count() > 1) return index;
  const Ref only = *blocks_.at(node.block);
  blocks_.give_back(node.block, Blocks::class_of(1));
  nodes_.give_back(index);
  return only;
}

// ---------------------------------------------------------------- blocks of references

// Makes room at `position` and fills it; the caller then sets the bit.
void PrefixTrie::Nodes::add_ref(Node& node, unsigned position, Ref ref) {
  const unsigned count = node.count();
  const std::size_t had = Blocks::class_of(count), needed = Blocks::class_of(count + 1);
  if (had == needed) {
    Ref* refs = blocks_.at(node.block);
    std::copy_backward(refs + position, refs + count, refs + count + 1);
    refs[position] = ref;
    return;
  }
  const std::uint32_t wider = blocks_.take(needed);
  const Ref* from = blocks_.at(node.block);
  Ref* to = blocks_.at(wider);
  std::copy_n(from, position, to);
  to[position] = ref;
  std::copy(from + position, from + count, to + position + 1);
  blocks_.give_back(node.block, had);
  node.block = wider;
}

// Takes `position` out; the caller then clears the bit.
void PrefixTrie::Nodes::remove_ref(Node& node, unsigned position) {
  const unsigned count = node.count();
  Ref* refs = blocks_.at(node.block);
  std::copy(refs + position + 1, refs + count, refs + position);
  const std::size_t has = Blocks::class_of(count), needed = Blocks::class_of(count - 1);
  if (has == needed) return;
  const std::uint32_t narrower = blocks_.take(needed);
  std::copy_n(blocks_.at(node.block), count - 1, blocks_.at(narrower));
  blocks_.give_back(node.block, has);
  node.block = narrower;
}

// ---------------------------------------------------------------- shortcuts

// The walk of `key`, made by the nodes before `end` alone.
PrefixTrie::Nodes::Walk PrefixTrie::Nodes::walk_until(Key key, unsigned end) const noexcept {
  Walk walk{.next = root_};
  while (walk.next != kNothing && !is_entry(walk.next)) {
    const Node& node = nodes_[walk.next];
    if (differs(node.key, key, std::min<unsigned>(node.level, end))) return {.best = walk.best};
    if (node.level >= end) return walk;
    const unsigned chunk = chunk_of(key, node.level);
    const Ref* refs = blocks_.at(node.block);
    if (const std::uint64_t containing = node.inner & kContaining[chunk]; containing != 0) {
      walk.best = refs[node.inner_position(63 - static_cast<unsigned>(std::countl_zero(containing)))] & ~kEntryTag;
    }
    walk.next = (node.outer & bit(chunk)) == 0 ? kNothing : refs[node.outer_position(chunk)];
  }
  if (walk.next == kNothing) return walk;
  const Entry& entry = entries_[walk.next & ~kEntryTag];
  return differs(entry.key(), key, std::min<unsigned>(entry.bits, end)) ? Walk{.best = walk.best} : walk;
}

std::size_t PrefixTrie::Nodes::count_below(Ref ref, Ref without) const noexcept {
  if (ref == kNothing || ref == without) return 0;
  if (is_entry(ref)) return 1;
  const Node& node = nodes_[ref];
  std::size_t count = node.count() - node.outer_count();
  for (unsigned i = 0; i < node.outer_count(); ++i) count += count_below(blocks_.at(node.block)[i], without);
  return count;
}

void PrefixTrie::Nodes::note_change(const Change& change, bool inserted) {
  const bool v4 = change.bits >= kMappedBits && is_v4(change.key);
  Family& family = families_[v4 ? 1 : 0];
  family.count += inserted ? 1 : -1u;
  if (inserted && !family.shortcut.walks.empty() && !family.shortcut.covers(change.key)) ++family.elsewhere;
  if (family.count >= family.remake_at || family.count < family.remake_below || family.elsewhere > family.count / 4) remake_shortcut(v4);
  for (Family& each : families_) refresh(each.shortcut, change);
}

// Below the lowest node that holds most entries of the family, as far down as memory in proportion allows.
void PrefixTrie::Nodes::remake_shortcut(bool v4) {
  Family& family = families_[v4 ? 1 : 0];
  family.shortcut = {};
  family.elsewhere = 0;
  family.remake_at = std::max(kFewestForShortcut, 2 * family.count);
  family.remake_below = family.count >= kFewestForShortcut ? family.count / 4 : 0;
  if (family.count < kFewestForShortcut) return;

  const Ref v4_top = walk_until(kMapped, kMappedBits).next;
  const Ref without = v4 ? kNothing : v4_top;
  Ref top = v4 ? v4_top : root_;
  const std::size_t most = family.count - family.count / 4;
  for (bool lower = true; lower && top != kNothing && !is_entry(top);) {
    lower = false;
    const Node& node = nodes_[top];
    for (unsigned i = 0; i < node.outer_count() && !lower; ++i) {
      const Ref below = blocks_.at(node.block)[i];
      lower = !is_entry(below) && count_below(below, without) >= most;
      if (lower) top = below;
    }
  }
  if (top == kNothing || is_entry(top)) return;

  const Node& node = nodes_[top];
  const auto first = static_cast<unsigned>(std::countr_zero(node.outer)), last = 63 - static_cast<unsigned>(std::countl_zero(node.outer));
  const unsigned shared = node.inner == 0 ? static_cast<unsigned>(std::countl_zero(std::uint64_t{first ^ last})) - (64 - kStride) : 0;
  Shortcut& shortcut = family.shortcut;
  shortcut.begin = node.level + shared;
  const unsigned width = static_cast<unsigned>(std::bit_width(family.count)) + 1;  // two to four walks for each entry
  shortcut.end = std::min((shortcut.begin + width) / kStride * kStride, kKeyBits / kStride * kStride);
  if (shortcut.end <= shortcut.begin) return;
  shortcut.base = beginning(node.key | chunk_at(first, node.level), shortcut.begin);
  shortcut.walks.resize(std::size_t{1} << (shortcut.end - shortcut.begin));
  refresh(shortcut, {.key = shortcut.base, .bits = shortcut.begin});
}

// Walks again all that `change` may have changed.
void PrefixTrie::Nodes::refresh(Shortcut& shortcut, const Change& change) {
  if (shortcut.walks.empty() || differs(shortcut.base, change.key, std::min(shortcut.begin, change.bits))) return;
  const unsigned same = std::clamp(change.bits, shortcut.begin, shortcut.end);
  const std::size_t count = std::size_t{1} << (shortcut.end - same);
  const Key from = change.bits > shortcut.begin ? change.key : shortcut.base;
  const std::size_t first = shortcut.index_of(from) / count * count;
  for (std::size_t i = first; i < first + count; ++i) {
    const Key key = shortcut.base | Key{i} << (kKeyBits - shortcut.end);
    shortcut.walks[i] = walk_until(key, shortcut.end);
  }
}

// ---------------------------------------------------------------- PrefixTrie

PrefixTrie::PrefixTrie() = default;
PrefixTrie::PrefixTrie(PrefixTrie&&) noexcept = default;
PrefixTrie& PrefixTrie::operator=(PrefixTrie&&) noexcept = default;
PrefixTrie::~PrefixTrie() = default;

bool PrefixTrie::insert(const Prefix& prefix, std::uint32_t value) {
  REEVE_CHECK(prefix.bits <= kKeyBits && Prefix::of(prefix.address, prefix.bits) == prefix);
  if (!nodes_) nodes_ = std::make_unique<Nodes>();
  return nodes_->insert(prefix, value);
}

bool PrefixTrie::erase(const Prefix& prefix) {
  if (!nodes_ || !nodes_->erase(prefix)) return false;
  if (nodes_->size() == 0) nodes_.reset();
  return true;
}

void PrefixTrie::clear() {
  nodes_.reset();
}

std::optional<PrefixTrie::Match> PrefixTrie::longest_match(const Address& address, unsigned most_bits) const noexcept {
  if (!nodes_) return std::nullopt;
  const std::uint32_t best = nodes_->longest_match(key_of(address), most_bits);
  if (best == kNothing) return std::nullopt;
  const Entry& entry = nodes_->entry(best);
  return Match{entry.prefix(), entry.value};
}

std::optional<std::uint32_t> PrefixTrie::find(const Prefix& prefix) const noexcept {
  if (!nodes_) return std::nullopt;
  const std::uint32_t found = nodes_->find(prefix);
  if (found == kNothing) return std::nullopt;
  return nodes_->entry(found).value;
}

void PrefixTrie::for_each(const std::function<void(const Prefix&, std::uint32_t)>& visit) const {
  if (!nodes_) return;
  for (const Entry& entry : nodes_->entries()) {
    if (entry.bits != kFree) visit(entry.prefix(), entry.value);
  }
}

std::size_t PrefixTrie::size() const noexcept {
  return nodes_ ? nodes_->size() : 0;
}

}  // namespace reeve
