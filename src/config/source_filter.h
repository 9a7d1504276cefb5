// SourceFilter: who may reach a socket, as a program that the kernel runs for every packet (socket(7), SO_ATTACH_FILTER).
//
// A wait = yes server reads its listener by itself, so nobody of ours sees what comes behind the first datagram. The
// filter does: what it drops never gets into the socket's queue, and the server sees true addresses. It decides by
// only_from and no_access exactly as policy/decide.h, which a property test holds, and shuts out what is banned. Pure:
// the monitor attaches it before a stream's listener is heard, the engine whenever a listener is lent, or bans change.
//
// Bound: the kernel takes 4096 instructions. A list of up to 500 prefixes of IPv4, or 200 of IPv6, fits in any case.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "config/service.h"

namespace reeve {

constexpr std::size_t kMaxFilterInstructions = 4096;  // BPF_MAXINSNS

// As struct sock_filter of <linux/filter.h>.
struct FilterInstruction {
  std::uint16_t code = 0;
  std::uint8_t if_true = 0, if_false = 0;  // how many instructions to skip
  std::uint32_t value = 0;

  friend bool operator==(const FilterInstruction&, const FilterInstruction&) noexcept = default;
};
using FilterProgram = std::vector<FilterInstruction>;

// Are the sources of all packets of the service checked this way? True for wait = yes programs whose lists fit, but
// under compat = xinetd only with the flag INTERCEPT.
[[nodiscard]] bool checks_every_packet(const Service& service) noexcept;

// `banned` are shut out, as many as fit. `admitted`: a source that was let in by its host name, which no filter knows.
// nullopt: the lists are too long. Empty: everybody may come.
[[nodiscard]] std::optional<FilterProgram> source_filter(const Service& service, std::span<const Prefix> banned,
                                                         const std::optional<Address>& admitted);
// Lets nothing through (access_times).
[[nodiscard]] FilterProgram closed_filter();

}  // namespace reeve
