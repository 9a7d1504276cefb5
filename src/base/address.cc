#include "base/address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/check.h"

namespace reeve {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr Bytes kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr std::size_t kGroups = 8;  // of 16 bits in an IPv6 address

// Reads off the front of `text`; nullopt leaves the text in no particular state.
std::optional<std::uint8_t> take_decimal_octet(std::string_view& text) noexcept {
  unsigned value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    if (digits == 3) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[digits] - '0');
    ++digits;
  }
  if (digits == 0 || value > 255) return std::nullopt;
  if (digits > 1 && text[0] == '0') return std::nullopt;  // inet_aton(3) would read it as octal
  text.remove_prefix(digits);
  return static_cast<std::uint8_t>(value);
}

std::optional<std::uint32_t> parse_v4(std::string_view text) noexcept {
  std::uint32_t value = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (text.empty() || text.front() != '.') return std::nullopt;
      text.remove_prefix(1);
    }
    const auto octet = take_decimal_octet(text);
    if (!octet) return std::nullopt;
    value = value << 8 | *octet;
  }
  if (!text.empty()) return std::nullopt;
  return value;
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The 16-bit groups on one side of "::" (or of the whole address).
struct Groups {
  std::array<std::uint16_t, kGroups> values{};
  std::size_t count = 0;

  bool push(unsigned value) noexcept {
    if (count == kGroups) return false;
    values[count++] = static_cast<std::uint16_t>(value);
    return true;
  }
};

// "a:b:c", possibly empty; with `dotted` the last group may be an IPv4 address.
std::optional<Groups> parse_groups(std::string_view text, bool dotted) noexcept {
  Groups groups;
  if (text.empty()) return groups;
  for (;;) {
    const std::size_t end = std::min(text.find(':'), text.size());
    const std::string_view group = text.substr(0, end);
    const bool last = end == text.size();
    if (last && dotted && group.find('.') != std::string_view::npos) {
      const auto v4 = parse_v4(group);
      if (!v4 || !groups.push(*v4 >> 16) || !groups.push(*v4 & 0xffff)) return std::nullopt;
      return groups;
    }
    if (group.empty() || group.size() > 4) return std::nullopt;
    unsigned value = 0;
    for (const char c : group) {
      const int digit = hex_digit(c);
      if (digit < 0) return std::nullopt;
      value = value << 4 | static_cast<unsigned>(digit);
    }
    if (!groups.push(value)) return std::nullopt;
    if (last) return groups;
    text.remove_prefix(end + 1);
  }
}

std::optional<Address> parse_v6(std::string_view text) noexcept {
  std::array<std::uint16_t, kGroups> values{};
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto all = parse_groups(text, true);
    if (!all || all->count != kGroups) return std::nullopt;
    values = all->values;
  } else {
    const auto head = parse_groups(text.substr(0, gap), false);
    const auto tail = parse_groups(text.substr(gap + 2), true);
    if (!head || !tail || head->count + tail->count >= kGroups) return std::nullopt;  // "::" is at least one group
    std::copy_n(head->values.begin(), head->count, values.begin());
    std::copy_n(tail->values.begin(), tail->count, values.begin() + static_cast<std::ptrdiff_t>(kGroups - tail->count));
  }
  Bytes bytes;
  for (std::size_t i = 0; i < kGroups; ++i) {
    bytes[2 * i] = static_cast<std::uint8_t>(values[i] >> 8);
    bytes[2 * i + 1] = static_cast<std::uint8_t>(values[i] & 0xff);
  }
  return Address(bytes);
}

std::string v4_text(const Bytes& bytes) {
  std::string text;
  for (std::size_t i = 12; i < 16; ++i) {
    if (i > 12) text += '.';
    text += std::to_string(bytes[i]);
  }
  return text;
}

void append_hex(std::string& text, unsigned group) {
  bool started = false;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const unsigned digit = group >> shift & 0xf;
    started = started || digit != 0 || shift == 0;
    if (started) text += "0123456789abcdef"[digit];
  }
}

std::string v6_text(const Bytes& bytes) {
  std::array<unsigned, kGroups> groups{};
  for (std::size_t i = 0; i < kGroups; ++i) groups[i] = static_cast<unsigned>(bytes[2 * i]) << 8 | bytes[2 * i + 1];

  // RFC 5952, 4.2: "::" stands for the longest run of zero groups, the first of equals, never for one group.
  std::size_t gap = kGroups, gap_length = 1;
  for (std::size_t i = 0, run = 0; i < kGroups; ++i) {
    run = groups[i] == 0 ? run + 1 : 0;
    if (run > gap_length) {
      gap = i + 1 - run;
      gap_length = run;
    }
  }

  std::string text;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == gap) {
      text += "::";
      i += gap_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    append_hex(text, groups[i]);
  }
  return text;
}

}  // namespace

Address Address::v4(std::uint32_t host_order) noexcept {
  Bytes bytes = kMapped;
  for (std::size_t i = 0; i < 4; ++i) bytes[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i) & 0xff);
  return Address(bytes);
}

namespace {

// In 0000::/8, which is nobody's (RFC 4291); endpoint_of() lets nothing from a network look like it.
constexpr std::array<std::uint8_t, 12> kLocal = {0, 'u', 'n', 'i', 'x', 0, 0, 0, 0, 'u', 'i', 'd'};

}  // namespace

Address Address::local(std::uint32_t uid) noexcept {
  Bytes bytes{};
  std::copy(kLocal.begin(), kLocal.end(), bytes.begin());
  for (std::size_t i = 0; i < 4; ++i) bytes[12 + i] = static_cast<std::uint8_t>(uid >> (24 - 8 * i) & 0xff);
  return Address(bytes);
}

bool Address::is_local() const noexcept {
  return std::equal(kLocal.begin(), kLocal.end(), bytes_.begin());
}

std::uint32_t Address::uid() const noexcept {
  REEVE_CHECK(is_local());
  std::uint32_t value = 0;
  for (std::size_t i = 12; i < 16; ++i) value = value << 8 | bytes_[i];
  return value;
}

bool Address::is_v4() const noexcept {
  return std::equal(bytes_.begin(), bytes_.begin() + 12, kMapped.begin());
}

std::uint32_t Address::to_v4() const noexcept {
  REEVE_CHECK(is_v4());
  std::uint32_t value = 0;
  for (std::size_t i = 12; i < 16; ++i) value = value << 8 | bytes_[i];
  return value;
}

bool Address::is_loopback() const noexcept {
  if (is_v4()) return bytes_[12] == 127;
  constexpr Bytes kLoopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return bytes_ == kLoopback;
}

bool Address::is_multicast() const noexcept {
  if (is_v4()) return (bytes_[12] & 0xf0) == 0xe0;
  return bytes_[0] == 0xff;
}

bool Address::is_unspecified() const noexcept {
  return bytes_ == Bytes{} || bytes_ == kMapped;
}

Prefix Prefix::of(const Address& address, unsigned bits) noexcept {
  REEVE_CHECK(bits <= 128);
  Bytes bytes = address.bytes();
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = bits <= 8 * i ? 0 : std::min(bits - 8 * i, 8u);
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00u >> kept));
  }
  return {Address(bytes), static_cast<std::uint8_t>(bits)};
}

bool Prefix::contains(const Address& other) const noexcept {
  return of(other, bits).address == address;
}

std::optional<Address> parse_address(std::string_view text) noexcept {
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  const auto v4 = parse_v4(text);
  if (!v4) return std::nullopt;
  return Address::v4(*v4);
}

std::string to_text(const Address& address) {
  if (address.is_local()) return address.uid() == Address::kUnknownUser ? "local" : "uid:" + std::to_string(address.uid());
  return address.is_v4() ? v4_text(address.bytes()) : v6_text(address.bytes());
}

std::optional<Prefix> parse_prefix(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address || address->is_local()) return std::nullopt;
  if (slash == std::string_view::npos) return Prefix::host(*address);
  const std::string_view length = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (error == std::errc() && end == length.data() + length.size()) {
    if (bits > (address->is_v4() ? 32U : 128U)) return std::nullopt;
    return Prefix::of(*address, bits + (address->is_v4() ? 96 : 0));
  }
  const auto mask = parse_address(length);
  if (!address->is_v4() || !mask || !mask->is_v4()) return std::nullopt;
  const auto ones = static_cast<unsigned>(std::countl_one(mask->to_v4()));
  if (ones < 32 && (mask->to_v4() << ones) != 0) return std::nullopt;  // a mask with holes
  return Prefix::of(*address, 96 + ones);
}

std::string to_text(const Prefix& prefix) {
  std::string text = to_text(prefix.address);
  if (prefix.bits < 128) text += '/' + std::to_string(prefix.is_v4() ? prefix.bits - 96 : prefix.bits);
  return text;
}

std::string to_text(const Endpoint& endpoint) {
  if (endpoint.address.is_local()) return to_text(endpoint.address);
  const std::string address = to_text(endpoint.address);
  return (endpoint.address.is_v4() ? address : '[' + address + ']') + ':' + std::to_string(endpoint.port);
}

std::optional<Endpoint> endpoint_of(const sockaddr_storage& raw) noexcept {
  // Copied out, because a sockaddr_storage must not be read through another type's pointer.
  if (raw.ss_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &raw, sizeof in);
    return Endpoint{Address::v4(ntohl(in.sin_addr.s_addr)), ntohs(in.sin_port)};
  }
  if (raw.ss_family == AF_INET6) {
    sockaddr_in6 in6;
    std::memcpy(&in6, &raw, sizeof in6);
    Bytes bytes;
    std::memcpy(bytes.data(), &in6.sin6_addr, bytes.size());
    const Address address(bytes);
    return Endpoint{address.is_local() ? Address() : address, ntohs(in6.sin6_port)};
  }
  if (raw.ss_family == AF_UNIX) return Endpoint{Address::local(Address::kUnknownUser), 0};
  return std::nullopt;
}

}  // namespace reeve
