// The built-in stream services: echo (RFC 862), discard (RFC 863), chargen (RFC 864), daytime (RFC 867) and
// time (RFC 868), served in the engine without a process each.
//
// A client that neither sends nor reads for kBuiltinIdle is let go.
#pragma once

#include <string>

#include "config/service.h"
#include "engine/arrival.h"
#include "engine/instance.h"
#include "sys/loop.h"

namespace reeve {

constexpr std::chrono::hours kBuiltinIdle{1};

// Serves until the client or its deadline ends it. `instance.watch` is set meanwhile, so that it can be
// cancelled. Not for Builtin::none and tcpmux.
[[nodiscard]] Task<> serve_builtin(Loop& loop, Builtin builtin, Arrival arrival, Instance& instance);

// Answers at once and needs no conversation: daytime and time. False for the others.
[[nodiscard]] bool answer_at_once(Builtin builtin, int connection);

// "22 NOV 2026 15:04:05 UTC\r\n", local time.
[[nodiscard]] std::string daytime_text();
// Seconds since 1900 in network byte order, four bytes.
[[nodiscard]] std::string time_bytes();
// Lines of RFC 864, 74 bytes each, that repeat after kChargenPeriod bytes; long enough for `least` bytes from
// any position of the first period.
constexpr std::size_t kChargenPeriod = 95 * 74;
[[nodiscard]] std::string_view chargen_text();

}  // namespace reeve
