// Foreign datagrams to all decoders: what is accepted is exactly what was sent; of monitor and engine only one accepts it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "base/check.h"
#include "base/defence_message.h"
#include "base/message.h"

namespace {

template <class Messages>
bool is_accepted(std::span<const std::byte> datagram, const reeve::Result<Messages>& message) {
  if (!message) {
    REEVE_CHECK(!message.error().what.empty());
    return false;
  }
  std::visit([&](const auto& decoded) { REEVE_CHECK(std::ranges::equal(reeve::as_bytes(decoded), datagram)); }, *message);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto datagram = std::as_bytes(std::span(data, size));
  const bool by_monitor = is_accepted(datagram, reeve::decode_engine_message(datagram));
  const bool by_engine = is_accepted(datagram, reeve::decode_monitor_message(datagram));
  REEVE_CHECK(!by_monitor || !by_engine);
  (void)is_accepted(datagram, reeve::decode_to_follower(datagram));
  (void)is_accepted(datagram, reeve::decode_from_follower(datagram));
  return 0;
}
