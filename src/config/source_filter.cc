#include "config/source_filter.h"

#include <algorithm>

namespace reeve {
namespace {

// <linux/bpf_common.h>, <linux/filter.h>
constexpr std::uint16_t kLoadWord = 0x20, kLoadByte = 0x30, kAnd = 0x54, kJumpEqual = 0x15, kReturn = 0x06, kJump = 0x05;
constexpr std::uint32_t kNetworkHeader = 0xfff00000;  // SKF_NET_OFF
constexpr std::uint32_t kSourceV4 = kNetworkHeader + 12, kSourceV6 = kNetworkHeader + 8;
constexpr std::uint32_t kAdmit = UINT32_MAX, kDrop = 0;
constexpr unsigned kMappedBits = 96;

struct Rule {
  Prefix prefix;
  bool admits = false;
};

void add_rules(std::vector<Rule>& rules, const AccessList* list, bool admits) {
  if (list == nullptr) return;
  for (const AccessEntry& entry : list->entries) {
    if (entry.name.empty()) rules.push_back({entry.prefix, admits});
  }
}

// The first rule that matches decides. The better match comes first, between equals no_access; under compat = xinetd
// no_access as a whole.
std::vector<Rule> rules_of(const Service& service) {
  std::vector<Rule> rules;
  add_rules(rules, service.no_access, false);
  const std::size_t denials = rules.size();
  add_rules(rules, service.only_from, true);
  const auto better = [](const Rule& a, const Rule& b) { return a.prefix.bits > b.prefix.bits; };
  if (service.compat_xinetd) {
    std::stable_sort(rules.begin(), rules.begin() + static_cast<std::ptrdiff_t>(denials), better);
    std::stable_sort(rules.begin() + static_cast<std::ptrdiff_t>(denials), rules.end(), better);
  } else {
    std::stable_sort(rules.begin(), rules.end(), better);
  }
  return rules;
}

std::uint32_t mask_of(unsigned bits) noexcept {
  return bits == 0 ? 0 : UINT32_MAX << (32 - bits);
}

std::uint32_t word_of(const Address& address, unsigned index) noexcept {
  std::uint32_t word = 0;
  for (unsigned byte = 0; byte < 4; ++byte) word = word << 8 | address.bytes()[4 * index + byte];
  return word;
}

FilterInstruction give(bool admits) noexcept {
  return {kReturn, 0, 0, admits ? kAdmit : kDrop};
}

// Addresses of IPv4 are one word: it is loaded and masked once for all rules of a length.
class FilterV4 {
 public:
  void add(const Rule& rule) {
    const bool is_v4 = rule.prefix.is_v4();
    if (!is_v4 && !rule.prefix.contains(Address::v4(0))) return;
    const unsigned bits = is_v4 ? rule.prefix.bits - kMappedBits : 0;
    if (bits != loaded_) {
      code_.push_back({kLoadWord, 0, 0, kSourceV4});
      if (bits < 32) code_.push_back({kAnd, 0, 0, mask_of(bits)});
      loaded_ = bits;
    }
    code_.push_back({kJumpEqual, 0, 1, bits == 0 ? 0 : rule.prefix.address.to_v4()});
    code_.push_back(give(rule.admits));
  }
  [[nodiscard]] FilterProgram& code() noexcept { return code_; }

 private:
  FilterProgram code_;
  unsigned loaded_ = UINT32_MAX;  // the length that the accumulator is masked to
};

void add_v6(FilterProgram& code, const Rule& rule) {
  if (rule.prefix.is_v4()) return;
  const unsigned words = (rule.prefix.bits + 31U) / 32;
  FilterProgram one;
  for (unsigned word = 0; word < words; ++word) {
    const unsigned bits = std::min(rule.prefix.bits - 32 * word, 32U);
    one.push_back({kLoadWord, 0, 0, kSourceV6 + 4 * word});
    if (bits < 32) one.push_back({kAnd, 0, 0, mask_of(bits)});
    one.push_back({kJumpEqual, 0, 0, word_of(rule.prefix.address, word)});
  }
  one.push_back(give(rule.admits));
  for (std::size_t each = 0; each < one.size(); ++each) {
    if (one[each].code == kJumpEqual) one[each].if_false = static_cast<std::uint8_t>(one.size() - each - 1);
  }
  code.insert(code.end(), one.begin(), one.end());
}

// Both lists together are half of all, at worst.
bool fits(const AccessList* list) noexcept {
  constexpr std::size_t kWorstV4 = 4, kWorstV6 = 10, kRoom = kMaxFilterInstructions / 2 - 16;
  if (list == nullptr) return true;
  std::size_t instructions = 0;
  for (const AccessEntry& entry : list->entries) instructions += entry.prefix.is_v4() ? kWorstV4 : kWorstV6;
  return instructions <= kRoom;
}

FilterProgram assemble(const std::vector<Rule>& rules, std::size_t count, bool admits_others) {
  FilterV4 v4;
  FilterProgram v6;
  for (std::size_t each = 0; each < count; ++each) {
    v4.add(rules[each]);
    add_v6(v6, rules[each]);
  }
  v4.code().push_back(give(admits_others));
  v6.push_back(give(admits_others));
  // The packet's own header says what it is, whatever the socket: IPv4 comes to IPv6 sockets, too.
  FilterProgram all{{kLoadByte, 0, 0, kNetworkHeader},
                    {kAnd, 0, 0, 0xf0},
                    {kJumpEqual, 1, 0, 0x40},
                    {kJump, 0, 0, static_cast<std::uint32_t>(v4.code().size())}};
  all.insert(all.end(), v4.code().begin(), v4.code().end());
  all.push_back({kLoadByte, 0, 0, kNetworkHeader});
  all.push_back({kAnd, 0, 0, 0xf0});
  all.push_back({kJumpEqual, 1, 0, 0x60});
  all.push_back(give(false));
  all.insert(all.end(), v6.begin(), v6.end());
  return all;
}

}  // namespace

bool checks_every_packet(const Service& service) noexcept {
  if (!service.wait || service.kind != Kind::program) return false;
  if (service.socket_type != SocketType::dgram && service.socket_type != SocketType::stream) return false;
  return (service.flags.intercept || !service.compat_xinetd) && fits(service.only_from) && fits(service.no_access);
}

std::optional<FilterProgram> source_filter(const Service& service, std::span<const Prefix> banned, const std::optional<Address>& admitted) {
  std::vector<Rule> rules;
  for (const Prefix& prefix : banned) rules.push_back({prefix, false});
  const std::size_t bans = rules.size();
  if (admitted) rules.push_back({Prefix::host(*admitted), true});
  const std::vector<Rule> listed = rules_of(service);
  rules.insert(rules.end(), listed.begin(), listed.end());
  const bool admits_others = service.only_from == nullptr;
  if (rules.empty() && admits_others) return FilterProgram{};
  FilterProgram whole = assemble(rules, rules.size(), admits_others);
  if (whole.size() <= kMaxFilterInstructions) return whole;
  // Without the bans it may fit: of these only as many as there is room for.
  const std::vector<Rule> lists(rules.begin() + static_cast<std::ptrdiff_t>(bans), rules.end());
  FilterProgram without = assemble(lists, lists.size(), admits_others);
  if (without.size() > kMaxFilterInstructions) return std::nullopt;
  constexpr std::size_t kMostForOne = 11;
  const std::size_t room = std::min(bans, (kMaxFilterInstructions - without.size()) / kMostForOne);
  std::vector<Rule> some(rules.begin(), rules.begin() + static_cast<std::ptrdiff_t>(room));
  some.insert(some.end(), lists.begin(), lists.end());
  return assemble(some, some.size(), admits_others);
}

FilterProgram closed_filter() {
  return {give(false)};
}

}  // namespace reeve
