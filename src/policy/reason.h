// Reason: why a visit was refused, in reeve's words and in xinetd's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace reeve {

enum class Reason : std::uint8_t {
  ban,            // on the ban list
  address,        // no_access or only_from
  time,           // access_times
  load,           // max_load
  cps,            // rate of connections
  instances,      // too many of the service
  per_source,     // too many from there
  source_rate,    // rate_per_source: too often from there
  process_limit,  // -limit
  sensor,         // it touched a sensor (not a refusal of decide: the engine's, after admission)
  fork,           // no process could be made
  exec,           // the program could not be executed
  name,           // a rule needs the client's name, and it could not be found
  user,           // IDONLY: the client's machine did not say who it is
  inquiries,      // too many names and users are being asked for (the engine's: engine/inquiries.h)
  proxy,          // a proxy of proxy_from did not say for whom it comes (the engine's, before admission)
  target,         // redirect: no target answers (the engine's, after admission)
  libwrap,        // hosts.allow and hosts.deny (the engine's too, see engine/wrappers.h)
  stopped,        // the operator holds the service, see docs/control.md
  pressure,       // max_pressure
};
constexpr std::size_t kReasons = 20;

// The word of xinetd's FAIL line: "address" for ban, address and sensor, "service_limit" for instances,
// "per_source_limit" for per_source and source_rate, "process_limit", "time", "load", "connections per second", "fork", "exec", "libwrap";
// "address" for name, user and inquiries, too; "proxy", "target" and "pressure" are reeve's alone.
[[nodiscard]] std::string_view fail_word(Reason reason) noexcept;
// reeve's own word, the enumerator's name: "ban", "per_source", ... ("rate_per_source" for source_rate, as in the file)
[[nodiscard]] std::string_view to_text(Reason reason) noexcept;

// The reason that to_text() writes so.
[[nodiscard]] std::optional<Reason> reason_of(std::string_view text) noexcept;

}  // namespace reeve
