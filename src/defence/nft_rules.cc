#include "defence/nft_rules.h"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace reeve {

namespace {

constexpr std::string_view kBeginsConnection = "tcp flags & (fin|syn|rst|ack) == syn";
constexpr unsigned kBitsBeforeV4 = 96;

void line(std::string& text, std::string_view command) {
  text.append(command).push_back('\n');
}

std::string mask_of(bool v4, unsigned bits) {
  Address ones(std::array<std::uint8_t, 16>{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255});
  if (v4) ones = Address::v4(UINT32_MAX);
  return to_text(Prefix::of(ones, v4 ? bits + kBitsBeforeV4 : bits).address);
}

// "1, 22, 80-90"
std::string ranges_of(const std::bitset<65536>& ports) {
  std::string text;
  for (std::size_t first = 0; first < ports.size(); ++first) {
    if (!ports.test(first)) continue;
    std::size_t last = first;
    while (last + 1 < ports.size() && ports.test(last + 1)) ++last;
    if (!text.empty()) text += ", ";
    text += first == last ? std::to_string(first) : fmt::format("{}-{}", first, last);
    first = last;
  }
  return text;
}

std::string v4_part(const Prefix& prefix) {
  return fmt::format("{}/{}", to_text(prefix.address), prefix.bits - kBitsBeforeV4);
}
std::string v6_part(const Prefix& prefix) {
  return fmt::format("{}/{}", to_text(prefix.address), prefix.bits);
}

struct SetName {
  bool v4 = false;
  unsigned bits = 0;
};
std::optional<SetName> parse_set(std::string_view name) noexcept {
  if (!name.starts_with("ban4_") && !name.starts_with("ban6_")) return std::nullopt;
  const bool v4 = name[3] == '4';
  unsigned bits = 0;
  const char* const end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + 5, end, bits);
  if (read.ec != std::errc() || read.ptr != end || bits == 0 || bits > (v4 ? 32u : 128u)) return std::nullopt;
  return SetName{v4, bits};
}

}  // namespace

std::optional<std::string> ban_set_of(const Prefix& prefix) {
  if (prefix.is_v4()) {
    if (prefix.bits == kBitsBeforeV4) return std::nullopt;
    return fmt::format("ban4_{}", prefix.bits - kBitsBeforeV4);
  }
  if (prefix.bits == 0) return std::nullopt;
  return fmt::format("ban6_{}", prefix.bits);
}

std::optional<Prefix> prefix_of(std::string_view set, std::string_view element) {
  const auto name = parse_set(set);
  const auto address = parse_address(element);
  if (!name || !address || address->is_v4() != name->v4) return std::nullopt;
  const Prefix prefix{*address, static_cast<std::uint8_t>(name->v4 ? name->bits + kBitsBeforeV4 : name->bits)};
  // Others may have made a set "ban4_032", or put 192.0.2.7 among the /24: not ours.
  if (ban_set_of(prefix) != set || Prefix::of(prefix.address, prefix.bits).address != prefix.address) return std::nullopt;
  return prefix;
}

std::string nft_table_name(std::string_view path) {
  // FNV-1a: short, and the same for ever.
  std::uint32_t hash = 2166136261u;
  for (const char byte : path) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619u;
  return fmt::format("reeve_{:08x}", hash);
}

std::string nft_comment(std::string_view path) {
  constexpr std::size_t kMost = 100;  // the kernel takes 128 bytes
  std::string text = "reeved, ";
  for (const char byte : path.substr(0, kMost))
    text.push_back(byte > ' ' && byte < '\x7f' && byte != '"' && byte != '#' && byte != '\\' ? byte : '?');
  return text;
}

void NftRules::add_sets(std::string& text) const {
  const auto set = [&](std::string_view name, std::string_view type, std::string_view elements) {
    line(text, fmt::format("add set inet {} {} {{ type {}; flags interval; auto-merge; }}", table, name, type));
    line(text, fmt::format("flush set inet {} {}", table, name));
    if (!elements.empty()) line(text, fmt::format("add element inet {} {} {{ {} }}", table, name, elements));
  };
  std::vector<std::string> v4, v6;
  for (const Prefix& prefix : guarded) {
    if (prefix.is_v4()) {
      v4.push_back(v4_part(prefix));
    } else {
      v6.push_back(v6_part(prefix));
    }
  }
  set("guarded4", "ipv4_addr", fmt::format("{}", fmt::join(v4, ", ")));
  set("guarded6", "ipv6_addr", fmt::format("{}", fmt::join(v6, ", ")));
  set("ports_tcp", "inet_service", ranges_of(tcp_ports));
  set("ports_udp", "inet_service", ranges_of(udp_ports));
  for (const std::string& name : ban_sets) {
    line(text, fmt::format("add set inet {} {} {{ type ipv{}_addr; flags timeout; }}", table, name, name[3]));
  }
}

void NftRules::add_chain(std::string& text, std::string_view name, std::string_view hook) const {
  line(text, fmt::format("add chain inet {} {} {}", table, name, hook));
  line(text, fmt::format("flush chain inet {} {}", table, name));
}

void NftRules::add_judgement(std::string& text) const {
  const auto rule = [&](std::string_view chain, std::string_view what) {
    line(text, fmt::format("add rule inet {} {} {}", table, chain, what));
  };
  line(text, fmt::format("add counter inet {} refused", table));
  rule("judge", "ip saddr @guarded4 return");
  rule("judge", "ip6 saddr @guarded6 return");
  for (const std::string& name : ban_sets) {
    const auto set = parse_set(name);
    if (!set) continue;
    const bool whole = set->bits == (set->v4 ? 32u : 128u);
    const std::string key = whole ? "" : " & " + mask_of(set->v4, set->bits);
    rule("judge", fmt::format("{} saddr{} @{} counter name refused drop", set->v4 ? "ip" : "ip6", key, name));
  }
  // What runs goes on: only what begins a connection is judged. A datagram always does.
  if (all_ports) {
    rule("incoming", fmt::format("{} jump judge", kBeginsConnection));
    rule("incoming", "meta l4proto udp jump judge");
  } else {
    rule("incoming", fmt::format("tcp dport @ports_tcp {} jump judge", kBeginsConnection));
    rule("incoming", "udp dport @ports_udp jump judge");
  }
}

void NftRules::add_sensor(std::string& text) const {
  const auto rule = [&](std::string_view what) { line(text, fmt::format("add rule inet {} unused {}", table, what)); };
  const auto touched = [&](std::string_view name, std::string_view type) {
    line(text, fmt::format("add set inet {} {} {{ type {} . inet_service; flags dynamic, timeout; size {}; timeout {}s; }}", table, name,
                           type, kMaxTouchedPorts, kTouchedSeconds));
  };
  touched("touched4", "ipv4_addr");
  touched("touched6", "ipv6_addr");
  rule("iif lo return");
  rule("fib daddr type != local return");
  // True or false: there is a socket that this packet is for. (`socket wildcard` would not see one in TIME_WAIT, so somebody who
  // comes back from the same port would be taken for a stranger.)
  rule("socket transparent { 0, 1 } return");
  const auto family = [&](std::string_view protocol, std::string_view word, std::string_view name, std::uint16_t port) {
    if (port == 0) return;
    rule(fmt::format("meta nfproto {} meta l4proto udp update @{} {{ {} saddr . udp dport }} return", protocol, name, word));
    rule(fmt::format("meta nfproto {} {} dnat to :{}", protocol, kBeginsConnection, port));
  };
  family("ipv4", "ip", "touched4", sensor_port4);
  family("ipv6", "ip6", "touched6", sensor_port6);
}

std::string NftRules::assertion() const {
  std::string text;
  line(text, fmt::format("add table inet {} {{ comment \"{}\"; }}", table, comment));
  add_sets(text);
  add_chain(text, "judge", "");
  // Before the rules of others, whose `accept` would be the last word in their chain only.
  add_chain(text, "incoming", "{ type filter hook input priority filter - 10; policy accept; }");
  // Behind those who forward ports elsewhere: who is forwarded already does not come here.
  add_chain(text, "unused", "{ type nat hook prerouting priority dstnat + 10; policy accept; }");
  if (has_bans) {
    add_judgement(text);
  } else {
    line(text, fmt::format("delete chain inet {} incoming", table));
    line(text, fmt::format("delete chain inet {} judge", table));
  }
  if (sensor_port4 != 0 || sensor_port6 != 0) {
    add_sensor(text);
  } else {
    line(text, fmt::format("delete chain inet {} unused", table));
  }
  return text;
}

std::string NftRules::removal() const {
  return fmt::format("add table inet {0}\ndelete table inet {0}\n", table);
}

}  // namespace reeve
