#include "sys/session_origin.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utmpx.h>

namespace reeve {

namespace {

constexpr std::string_view kDevices = "/dev/";

std::optional<Address> address_in(const utmpx& entry) noexcept {
  std::array<std::uint8_t, 16> bytes{};
  static_assert(sizeof entry.ut_addr_v6 == bytes.size());
  std::memcpy(bytes.data(), entry.ut_addr_v6, bytes.size());
  const Address address(bytes);
  if (address.is_unspecified()) return std::nullopt;
  // An IPv4 address stands in the first four bytes, and the others are zero.
  if (std::any_of(bytes.begin() + 4, bytes.end(), [](std::uint8_t byte) { return byte != 0; })) return address;
  return Address::v4(std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3]);
}

// In the order in which they are most likely still the terminal.
std::optional<Address> terminal_origin() {
  std::array<char, 256> name{};
  for (const int fd : {STDIN_FILENO, STDERR_FILENO, STDOUT_FILENO}) {
    if (::ttyname_r(fd, name.data(), name.size()) != 0 || !std::string_view(name.data()).starts_with(kDevices)) continue;
    utmpx wanted{};
    std::strncpy(wanted.ut_line, name.data() + kDevices.size(), sizeof wanted.ut_line - 1);
    ::setutxent();
    const utmpx* const found = ::getutxline(&wanted);
    const auto address = found != nullptr && found->ut_type == USER_PROCESS ? address_in(*found) : std::nullopt;
    ::endutxent();
    return address;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Address> client_in_ssh_connection(std::string_view text) noexcept {
  const std::string_view first = text.substr(0, text.find(' '));
  if (first.size() == text.size()) return std::nullopt;  // four words, else it is something else
  return parse_address(first.substr(0, first.find('%')));
}

std::optional<Address> session_origin() {
  if (const char* const text = std::getenv("SSH_CONNECTION")) {
    if (const auto client = client_in_ssh_connection(text)) return client;
  }
  return terminal_origin();
}

}  // namespace reeve
