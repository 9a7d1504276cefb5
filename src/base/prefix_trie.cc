// A path-compressed trie with a stride of six bits.
//
// A node stands for six bits of the address. The prefixes that end inside them, and the subtries below them,
// are two bitmaps and one packed block of references, in bitmap order, so a node with two children pays for
// two. Only where prefixes part there is a node: a subtrie that holds a single entry is that entry, and bits
// on which all agree are skipped and compared at once. Therefore a node always holds at least two references,
// there are fewer nodes than entries, and the same set of prefixes makes the same trie in whatever order it
// was inserted.
#include "base/prefix_trie.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "base/check.h"

namespace reeve {
namespace {

__extension__ using Key = unsigned __int128;  // an address as a number: prefixes are compared by one shift

constexpr unsigned kStride = 6;
constexpr unsigned kKeyBits = 128;
constexpr std::uint8_t kFree = 0xff;  // Entry::bits of an unused entry

// What a slot holds: nothing, an entry (tagged), or a node.
using Ref = std::uint32_t;
constexpr Ref kNothing = UINT32_MAX;
constexpr Ref kEntryTag = 1u << 31;

constexpr bool is_entry(Ref ref) noexcept {
  return (ref & kEntryTag) != 0;
}

constexpr std::uint64_t low_half(Key key) noexcept {
  return static_cast<std::uint64_t>(key);
}
constexpr std::uint64_t high_half(Key key) noexcept {
  return static_cast<std::uint64_t>(key >> 64);
}

std::uint64_t from_network(std::uint64_t value) noexcept {
  return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

Key key_of(const Address& address) noexcept {
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(address.bytes());
  return Key{from_network(halves[0])} << 64 | from_network(halves[1]);
}

Address address_of(Key key) noexcept {
  const std::array<std::uint64_t, 2> halves = {from_network(high_half(key)), from_network(low_half(key))};
  return Address(std::bit_cast<std::array<std::uint8_t, 16>>(halves));
}

// Do the first `bits` bits differ?
bool differs(Key a, Key b, unsigned bits) noexcept {
  return bits != 0 && (a ^ b) >> (kKeyBits - bits) != 0;
}

unsigned common_bits(Key a, Key b) noexcept {
  const Key difference = a ^ b;
  const std::uint64_t high = high_half(difference);
  return static_cast<unsigned>(high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(low_half(difference)));
}

// The six bits of `key` from `level` on; zeros behind its end.
unsigned chunk_of(Key key, unsigned level) noexcept {
  const Key shifted = level <= kKeyBits - kStride ? key >> (kKeyBits - kStride - level) : key << (level - (kKeyBits - kStride));
  return static_cast<unsigned>(shifted) & 63;
}

// Prefixes of length 0..5 within a node are numbered shorter before longer: length l begins at 2^l - 1.
unsigned inner_index(unsigned chunk, unsigned length) noexcept {
  return (1u << length) - 1 + (chunk >> (kStride - length));
}

// For each chunk the numbers of the six prefixes that contain it.
constexpr std::array<std::uint64_t, 64> kContaining = [] {
  std::array<std::uint64_t, 64> masks{};
  for (unsigned chunk = 0; chunk < 64; ++chunk) {
    for (unsigned length = 0; length < kStride; ++length) masks[chunk] |= 1ull << ((1u << length) - 1 + (chunk >> (kStride - length)));
  }
  return masks;
}();

constexpr std::uint64_t bit(unsigned index) noexcept {
  return 1ull << index;
}
// How many of the bits below `index` are set.
unsigned rank(std::uint64_t bits, unsigned index) noexcept {
  return static_cast<unsigned>(std::popcount(bits & (bit(index) - 1)));
}

// Blocks of 1..127 references out of one array. Sizes grow by about a third, so little is wasted and
// adding one by one moves each reference a few times only.
class Blocks {
 public:
  static constexpr std::array<std::uint8_t, 15> kSizes = {2, 3, 4, 5, 6, 8, 11, 14, 19, 25, 33, 44, 59, 79, 127};

  [[nodiscard]] static std::size_t class_of(unsigned count) noexcept {
    return static_cast<std::size_t>(std::ranges::lower_bound(kSizes, count) - kSizes.begin());
  }

  std::uint32_t take(std::size_t size_class) {
    if (free_[size_class] != kNothing) return std::exchange(free_[size_class], refs_[free_[size_class]]);
    const auto block = static_cast<std::uint32_t>(refs_.size());
    refs_.resize(refs_.size() + kSizes[size_class], kNothing);
    return block;
  }
  void give_back(std::uint32_t block, std::size_t size_class) noexcept { refs_[block] = std::exchange(free_[size_class], block); }

  [[nodiscard]] Ref* at(std::uint32_t block) noexcept { return refs_.data() + block; }
  [[nodiscard]] const Ref* at(std::uint32_t block) const noexcept { return refs_.data() + block; }

 private:
  std::vector<Ref> refs_;
  std::array<std::uint32_t, kSizes.size()> free_ = [] {
    std::array<std::uint32_t, kSizes.size()> none;
    none.fill(kNothing);
    return none;
  }();
};

// Elements of one type that keep their index while they live.
template <class Element>
class Pool {
 public:
  std::uint32_t take() {
    if (!free_.empty()) {
      const std::uint32_t index = free_.back();
      free_.pop_back();
      return index;
    }
    REEVE_CHECK(elements_.size() < kEntryTag - 1);
    elements_.emplace_back();
    return static_cast<std::uint32_t>(elements_.size() - 1);
  }
  void give_back(std::uint32_t index) { free_.push_back(index); }

  Element& operator[](std::uint32_t index) noexcept { return elements_[index]; }
  const Element& operator[](std::uint32_t index) const noexcept { return elements_[index]; }
  [[nodiscard]] const std::vector<Element>& elements() const noexcept { return elements_; }
  [[nodiscard]] std::size_t living() const noexcept { return elements_.size() - free_.size(); }

 private:
  std::vector<Element> elements_;
  std::vector<std::uint32_t> free_;
};

struct Entry {
  std::uint64_t high = 0, low = 0;  // halves of the key: a Key would align the Entry to 32 bytes
  std::uint32_t value = 0;
  std::uint8_t bits = kFree;

  [[nodiscard]] Key key() const noexcept { return Key{high} << 64 | low; }
  [[nodiscard]] Prefix prefix() const noexcept { return {address_of(key()), bits}; }
};

struct Node {
  Key key = 0;              // the first `level` bits, zeros behind them
  std::uint64_t inner = 0;  // which prefixes end here: references to entries, the block's front
  std::uint64_t outer = 0;  // which chunks have something below: references to entries or nodes, behind them
  std::uint32_t block = 0;
  std::uint8_t level = 0;  // a multiple of kStride

  [[nodiscard]] unsigned inner_count() const noexcept { return static_cast<unsigned>(std::popcount(inner)); }
  [[nodiscard]] unsigned count() const noexcept { return inner_count() + static_cast<unsigned>(std::popcount(outer)); }
  [[nodiscard]] unsigned inner_position(unsigned index) const noexcept { return rank(inner, index); }
  [[nodiscard]] unsigned outer_position(unsigned chunk) const noexcept { return inner_count() + rank(outer, chunk); }
};

}  // namespace

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

  Ref root_ = kNothing;
  Pool<Node> nodes_;
  Pool<Entry> entries_;
  Blocks blocks_;
};

// ---------------------------------------------------------------- look-up

std::uint32_t PrefixTrie::Nodes::longest_match(Key key, unsigned most_bits) const noexcept {
  std::uint32_t best = kNothing;
  Ref ref = root_;
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
  nodes_[index] = Node{.key = level == 0 ? 0 : change.key >> (kKeyBits - level) << (kKeyBits - level),
                       .block = blocks_.take(Blocks::class_of(2)),
                       .level = static_cast<std::uint8_t>(level)};
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
