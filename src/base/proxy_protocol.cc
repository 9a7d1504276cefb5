#include "base/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace reeve {

namespace {

using Outcome = ProxyHeader::Outcome;

constexpr std::string_view kSignatureV1 = "PROXY ";
constexpr std::size_t kMaxV1 = 107;  // with CR LF
constexpr std::string_view kSignatureV2{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t kFixedV2 = 16;
constexpr std::uint8_t kVersion2 = 0x20, kLocal = 0x0, kProxy = 0x1;
constexpr std::uint8_t kInet = 0x1, kInet6 = 0x2, kUnix = 0x3;
constexpr std::size_t kInetBytes = 12, kInet6Bytes = 36, kUnixBytes = 216;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::uint16_t number_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

Address v4_at(std::string_view bytes, std::size_t at) noexcept {
  return Address::v4(static_cast<std::uint32_t>(number_at(bytes, at)) << 16 | number_at(bytes, at + 2));
}

Address v6_at(std::string_view bytes, std::size_t at) noexcept {
  std::array<std::uint8_t, 16> raw{};
  for (std::size_t each = 0; each < raw.size(); ++each) raw[each] = byte_at(bytes, at + each);
  return Address(raw);
}

// The next word up to one blank; the whole rest when there is none.
std::string_view next_word(std::string_view& rest) noexcept {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

// Decimal, without a leading zero, as the text demands.
std::optional<std::uint16_t> port_of(std::string_view word) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), port);
  if (error != std::errc() || end != word.data() + word.size() || (word.size() > 1 && word.front() == '0')) return std::nullopt;
  return port;
}

// Users of this machine have addresses that no network has: a proxy can't say that one of them calls.
ProxyHeader without_users(const ProxyHeader& header) noexcept {
  const bool names_user = header.source && (header.source->address.is_local() || header.destination->address.is_local());
  return names_user ? ProxyHeader{} : header;
}

ProxyHeader read_v1(std::string_view bytes) noexcept {
  const std::size_t end = bytes.substr(0, kMaxV1).find('\n');
  if (end == std::string_view::npos) return {.outcome = bytes.size() < kMaxV1 ? Outcome::more : Outcome::broken};
  if (end == 0 || bytes[end - 1] != '\r') return {};
  ProxyHeader header{.outcome = Outcome::done, .size = end + 1};
  std::string_view rest = bytes.substr(kSignatureV1.size(), end - 1 - kSignatureV1.size());
  const std::string_view family = next_word(rest);
  if (family == "UNKNOWN") return header;  // what follows is to be ignored
  if (family != "TCP4" && family != "TCP6") return {};
  const std::optional<Address> source = parse_address(next_word(rest)), destination = parse_address(next_word(rest));
  const std::optional<std::uint16_t> source_port = port_of(next_word(rest));
  const std::string_view last = rest;
  const std::optional<std::uint16_t> destination_port = port_of(last);
  if (!source || !destination || !source_port || !destination_port) return {};
  if (family == "TCP4" && (!source->is_v4() || !destination->is_v4())) return {};
  header.source = Endpoint{*source, *source_port};
  header.destination = Endpoint{*destination, *destination_port};
  return without_users(header);
}

ProxyHeader read_v2(std::string_view bytes) noexcept {
  if (bytes.size() < kFixedV2) return {.outcome = Outcome::more};
  const std::size_t length = number_at(bytes, 14);
  ProxyHeader header{.outcome = Outcome::done, .size = kFixedV2 + length};
  const std::uint8_t command = byte_at(bytes, 12) & 0x0f;
  if ((byte_at(bytes, 12) & 0xf0) != kVersion2 || command > kProxy || header.size > kMaxProxyHeader) return {};
  const std::uint8_t family = byte_at(bytes, 13) >> 4;
  if (family > kUnix) return {};
  const std::size_t least = command == kLocal  ? 0
                            : family == kInet  ? kInetBytes
                            : family == kInet6 ? kInet6Bytes
                            : family == kUnix  ? kUnixBytes
                                               : 0;
  if (length < least) return {};
  if (bytes.size() < header.size) return {.outcome = Outcome::more};
  if (command == kLocal) return header;
  if (family == kInet) {
    header.source = Endpoint{v4_at(bytes, 16), number_at(bytes, 24)};
    header.destination = Endpoint{v4_at(bytes, 20), number_at(bytes, 26)};
  } else if (family == kInet6) {
    header.source = Endpoint{v6_at(bytes, 16), number_at(bytes, 48)};
    header.destination = Endpoint{v6_at(bytes, 32), number_at(bytes, 50)};
  }
  return without_users(header);
}

void append_number(std::string& text, std::uint16_t number) {
  text += static_cast<char>(number >> 8);
  text += static_cast<char>(number & 0xff);
}

void append_address(std::string& text, const Address& address, bool as_v4) {
  const auto& raw = address.bytes();
  for (std::size_t each = as_v4 ? 12 : 0; each < raw.size(); ++each) text += static_cast<char>(raw[each]);
}

bool is_v4(const Endpoint& source, const Endpoint& destination) noexcept {
  return source.address.is_v4() && destination.address.is_v4();
}

std::string v6_text(const Address& address) {
  return (address.is_v4() ? "::ffff:" : "") + to_text(address);
}

}  // namespace

ProxyHeader read_proxy_header(std::string_view bytes) noexcept {
  // The two begin with different bytes.
  const auto begins = [&](std::string_view signature) {
    const std::size_t common = std::min(bytes.size(), signature.size());
    return bytes.substr(0, common) == signature.substr(0, common);
  };
  if (bytes.empty()) return {.outcome = Outcome::more};
  if (begins(kSignatureV1)) return bytes.size() < kSignatureV1.size() ? ProxyHeader{.outcome = Outcome::more} : read_v1(bytes);
  if (begins(kSignatureV2)) return bytes.size() < kSignatureV2.size() ? ProxyHeader{.outcome = Outcome::more} : read_v2(bytes);
  return {};
}

std::string proxy_header_v1(const Endpoint& source, const Endpoint& destination) {
  if (source.address.is_local()) return "PROXY UNKNOWN\r\n";  // who came by a unix socket
  const bool v4 = is_v4(source, destination);
  const auto text = [&](const Address& address) { return v4 ? to_text(address) : v6_text(address); };
  return std::string(v4 ? "PROXY TCP4 " : "PROXY TCP6 ") + text(source.address) + ' ' + text(destination.address) + ' ' +
         std::to_string(source.port) + ' ' + std::to_string(destination.port) + "\r\n";
}

std::string proxy_header_v2(const Endpoint& source, const Endpoint& destination) {
  const bool v4 = is_v4(source, destination);
  std::string text(kSignatureV2);
  if (source.address.is_local()) return text.append({static_cast<char>(kVersion2), '\0', '\0', '\0'});  // LOCAL, UNSPEC, no bytes
  text += static_cast<char>(kVersion2 | kProxy);
  text += static_cast<char>((v4 ? kInet : kInet6) << 4 | 0x1);  // STREAM
  append_number(text, static_cast<std::uint16_t>(v4 ? kInetBytes : kInet6Bytes));
  append_address(text, source.address, v4);
  append_address(text, destination.address, v4);
  append_number(text, source.port);
  append_number(text, destination.port);
  return text;
}

}  // namespace reeve
