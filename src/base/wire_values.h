// What messages between monitor and engine (base/message.h) carry: names of instances, addresses, prefixes and texts, laid out
// without padding, so that they travel as they lie in memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/address.h"

namespace reeve {

// Chosen by the engine, unique among its living instances; the monitor only gives it back.
using InstanceId = std::uint64_t;

struct WireEndpoint {
  std::array<std::uint8_t, 16> address{};
  std::uint16_t port = 0;
  std::uint8_t known = 0;         // 0: no address (wait = yes streams)
  std::uint8_t reserved[5] = {};  // so that no message has padding
};
[[nodiscard]] WireEndpoint to_wire(const Endpoint& endpoint) noexcept;

struct WirePrefix {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t bits = 0;
};
[[nodiscard]] WirePrefix to_wire(const Prefix& prefix) noexcept;

// A text as it travels; empty if it is too long or not printable.
template <std::size_t size>
void put_text(std::array<char, size>& out, std::string_view text) noexcept {
  out = {};
  if (text.size() >= size || !std::ranges::all_of(text, [](char byte) { return byte > ' ' && byte < '\x7f'; })) return;
  std::ranges::copy(text, out.begin());
}
template <std::size_t size>
[[nodiscard]] std::string_view text_of(const std::array<char, size>& text) noexcept {
  return {text.data(), static_cast<std::size_t>(std::ranges::find(text, '\0') - text.begin())};
}

// The bytes to send: messages are sent as they lie in memory.
template <class Message>
[[nodiscard]] std::span<const std::byte> as_bytes(const Message& message) noexcept {
  return std::as_bytes(std::span<const Message, 1>(&message, 1));
}

}  // namespace reeve
