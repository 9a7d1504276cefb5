// decode_message: how a datagram becomes one of the messages that may come from there. Used by message.cc and defence_message.cc.
//
// A message is a flat structure that begins with its type. A datagram is accepted only if its length is exactly its type's and
// the caller's `is_valid` finds all values in range.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <variant>

#include "base/result.h"
#include "base/wire_values.h"

namespace reeve {

// Messages are compared and sent byte by byte, so none may have padding, which nobody initialises.
template <class Message>
constexpr bool kIsFlat = std::is_trivially_copyable_v<Message> && std::has_unique_object_representations_v<Message>;

inline bool is_flag(std::uint32_t value) noexcept {
  return value <= 1;
}
inline bool is_zero(std::span<const std::uint8_t> reserved) noexcept {
  return std::ranges::all_of(reserved, [](std::uint8_t byte) { return byte == 0; });
}
inline bool is_valid(const WireEndpoint& endpoint) noexcept {
  return is_flag(endpoint.known) && is_zero(endpoint.reserved);
}
inline bool is_valid(const WirePrefix& prefix) noexcept {
  const Address address(prefix.address);
  return prefix.bits <= 128 && Prefix::of(address, prefix.bits).address == address;
}

// Tries the alternatives of `Messages` one after the other: the one that names the datagram's type decides.
template <class Messages, std::size_t most_bytes, class IsValid, std::size_t index = 0>
[[nodiscard]] Result<Messages> decode_as(std::uint32_t type, std::span<const std::byte> datagram, IsValid valid) {
  const auto rejected = [type](const char* why) { return failure("message of type " + std::to_string(type) + ": " + why); };
  if constexpr (index == std::variant_size_v<Messages>) {
    return rejected("unknown type");
  } else {
    using Message = std::variant_alternative_t<index, Messages>;
    static_assert(kIsFlat<Message> && sizeof(Message) <= most_bytes);
    constexpr auto kType = static_cast<std::uint32_t>(Message{}.type);
    if (kType != type) return decode_as<Messages, most_bytes, IsValid, index + 1>(type, datagram, valid);
    if (datagram.size() != sizeof(Message)) return rejected("wrong size");
    Message message;
    std::memcpy(&message, datagram.data(), sizeof message);
    if (!valid(message)) return rejected("value out of range");
    return message;
  }
}

template <class Messages, std::size_t most_bytes, class IsValid>
[[nodiscard]] Result<Messages> decode_message(std::span<const std::byte> datagram, IsValid valid) {
  std::uint32_t type = 0;
  if (datagram.size() < sizeof type) return failure("message of " + std::to_string(datagram.size()) + " bytes");
  std::memcpy(&type, datagram.data(), sizeof type);
  return decode_as<Messages, most_bytes>(type, datagram, valid);
}

}  // namespace reeve
