#include "sys/local_network.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

namespace reeve {

namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";
// In each network namespace the loopback interface is made first.
constexpr std::uint32_t kLoopbackIndex = 1;
constexpr std::size_t kDumpBytes = 32 * 1024;
constexpr std::uint32_t kRouteIsUp = 1, kRouteHasGateway = 2;  // RTF_* of net/route.h

std::string_view next_line(std::string_view& text) noexcept {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    if (line.empty()) return words;
    words.push_back(line.substr(0, line.find_first_of(kBlanks)));
    line.remove_prefix(words.back().size());
  }
}

std::optional<std::uint32_t> hex(std::string_view text) noexcept {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Address> hex_address(std::string_view text) noexcept {
  if (text.size() != 32) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t each = 0; each < bytes.size(); ++each) {
    const auto value = hex(text.substr(2 * each, 2));
    if (!value) return std::nullopt;
    bytes[each] = static_cast<std::uint8_t>(*value);
  }
  return Address(bytes);
}

std::string contents_of(const char* path, std::size_t most) {
  std::string text;
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::array<char, 16 * 1024> piece;
  while (file && text.size() < most) {
    const ssize_t count = ::read(file.get(), piece.data(), std::min(piece.size(), most - text.size()));
    if (count <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  return text;
}

void put_in_order(std::vector<Address>& addresses) {
  std::ranges::sort(addresses);
  const auto [from, to] = std::ranges::unique(addresses);
  addresses.erase(from, to);
  if (addresses.size() > LocalNetworkSource::kMostAddresses) addresses.resize(LocalNetworkSource::kMostAddresses);
}

// The address that one RTM_NEWADDR tells of.
std::optional<Address> address_in(const nlmsghdr& header, const char* payload) {
  if (header.nlmsg_type != RTM_NEWADDR || header.nlmsg_len < NLMSG_LENGTH(sizeof(ifaddrmsg))) return std::nullopt;
  ifaddrmsg about{};
  std::memcpy(&about, payload, sizeof about);
  if (about.ifa_index == kLoopbackIndex) return std::nullopt;
  const std::size_t size = about.ifa_family == AF_INET ? 4 : about.ifa_family == AF_INET6 ? 16 : 0;
  if (size == 0) return std::nullopt;
  std::optional<Address> found;
  std::size_t at = NLMSG_ALIGN(sizeof about);
  const std::size_t end = header.nlmsg_len - NLMSG_HDRLEN;
  while (at + sizeof(rtattr) <= end) {
    rtattr attribute{};
    std::memcpy(&attribute, payload + at, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || attribute.rta_len > end - at) break;
    // Of a point-to-point link IFA_ADDRESS is the other end's; ours is IFA_LOCAL.
    const bool is_ours = attribute.rta_type == IFA_LOCAL || (attribute.rta_type == IFA_ADDRESS && !found);
    if (is_ours && attribute.rta_len == RTA_LENGTH(size)) {
      std::array<std::uint8_t, 16> bytes{};
      std::memcpy(bytes.data(), payload + at + RTA_LENGTH(0), size);
      found = size == 16
                  ? Address(bytes)
                  : Address::v4(std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3]);
    }
    at += RTA_ALIGN(attribute.rta_len);
  }
  return found;
}

}  // namespace

std::vector<Address> parse_gateways_v4(std::string_view text) {
  std::vector<Address> found;
  while (!text.empty()) {
    // Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
    const std::vector<std::string_view> words = words_of(next_line(text));
    if (words.size() < 8) continue;
    const auto destination = hex(words[1]), gateway = hex(words[2]), flags = hex(words[3]), mask = hex(words[7]);
    constexpr std::uint32_t kWanted = kRouteIsUp | kRouteHasGateway;
    if (!destination || !gateway || !flags || !mask || (*flags & kWanted) != kWanted || *destination != 0 || *mask != 0) continue;
    // The kernel prints the bytes as they lie in memory, as a number of this machine.
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &*gateway, bytes.size());
    found.push_back(Address::v4(std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3]));
  }
  put_in_order(found);
  return found;
}

std::vector<Address> parse_gateways_v6(std::string_view text) {
  std::vector<Address> found;
  while (!text.empty()) {
    // destination, its bits, source, its bits, gateway, metric, references, uses, flags, interface
    const std::vector<std::string_view> words = words_of(next_line(text));
    if (words.size() < 10) continue;
    const auto destination = hex_address(words[0]), gateway = hex_address(words[4]);
    const auto bits = hex(words[1]), flags = hex(words[8]);
    constexpr std::uint32_t kWanted = kRouteIsUp | kRouteHasGateway;
    if (!destination || !gateway || !bits || !flags || (*flags & kWanted) != kWanted) continue;
    if (destination->is_unspecified() && *bits == 0 && !gateway->is_unspecified()) found.push_back(*gateway);
  }
  put_in_order(found);
  return found;
}

std::vector<Address> parse_name_servers(std::string_view text) {
  std::vector<Address> found;
  while (!text.empty()) {
    const std::vector<std::string_view> words = words_of(next_line(text));
    if (words.size() < 2 || words[0] != "nameserver") continue;
    if (const auto address = parse_address(words[1].substr(0, words[1].find('%')))) found.push_back(*address);
  }
  put_in_order(found);
  return found;
}

Result<LocalNetworkSource> LocalNetworkSource::open() {
  UniqueFd questions(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!questions) return failure("netlink socket", errno);
  auto news = AddressNews::open();
  if (!news) return std::unexpected(std::move(news).error());
  return LocalNetworkSource(std::move(questions), std::move(*news));
}

LocalNetwork LocalNetworkSource::read() {
  LocalNetwork network{.own = own_addresses(),
                       .gateways = parse_gateways_v4(contents_of("/proc/net/route", kMostBytes)),
                       .resolvers = parse_name_servers(contents_of("/etc/resolv.conf", kMostBytes))};
  for (const Address& gateway : parse_gateways_v6(contents_of("/proc/net/ipv6_route", kMostBytes))) network.gateways.push_back(gateway);
  put_in_order(network.gateways);
  return network;
}

// The kernel answers in the calls that ask: nothing here waits.
std::vector<Address> LocalNetworkSource::own_addresses() {
  struct {
    nlmsghdr header;
    ifaddrmsg about;
  } question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = RTM_GETADDR;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.header.nlmsg_seq = ++serial_;
  question.about.ifa_family = AF_UNSPEC;
  std::vector<Address> found;
  const auto buffer = std::make_unique<std::array<char, kDumpBytes>>();
  while (::recv(questions_.get(), buffer->data(), buffer->size(), MSG_DONTWAIT) > 0) continue;  // of a question before
  if (::send(questions_.get(), &question, sizeof question, MSG_DONTWAIT) < 0) return found;
  for (bool is_done = false; !is_done;) {
    const ssize_t size = ::recv(questions_.get(), buffer->data(), buffer->size(), MSG_DONTWAIT);
    if (size <= 0) break;
    std::span<const char> rest(buffer->data(), static_cast<std::size_t>(size));
    while (rest.size() >= sizeof(nlmsghdr)) {
      nlmsghdr header{};
      std::memcpy(&header, rest.data(), sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > rest.size()) break;
      if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) is_done = true;
      if (header.nlmsg_seq == serial_ && found.size() < kMostAddresses) {
        if (const auto address = address_in(header, rest.data() + NLMSG_HDRLEN)) found.push_back(*address);
      }
      rest = rest.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), rest.size()));
    }
  }
  put_in_order(found);
  return found;
}

}  // namespace reeve
