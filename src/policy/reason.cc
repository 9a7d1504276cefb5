#include "policy/reason.h"

#include <cstddef>

namespace reeve {

std::string_view fail_word(Reason reason) noexcept {
  switch (reason) {
    case Reason::ban:
    case Reason::address:
    case Reason::sensor:
    case Reason::name:
    case Reason::user:
    case Reason::inquiries:
      return "address";
    case Reason::time:
      return "time";
    case Reason::load:
      return "load";
    case Reason::cps:
      return "connections per second";
    case Reason::instances:
      return "service_limit";
    case Reason::per_source:
    case Reason::source_rate:
      return "per_source_limit";
    case Reason::process_limit:
      return "process_limit";
    case Reason::fork:
      return "fork";
    case Reason::exec:
      return "exec";
    case Reason::proxy:
      return "proxy";
    case Reason::target:
      return "target";
    case Reason::libwrap:
      return "libwrap";
    case Reason::stopped:
      return "stopped";
    case Reason::pressure:
      return "pressure";
  }
  return "address";
}

std::string_view to_text(Reason reason) noexcept {
  switch (reason) {
    case Reason::ban:
      return "ban";
    case Reason::address:
      return "address";
    case Reason::time:
      return "time";
    case Reason::load:
      return "load";
    case Reason::cps:
      return "cps";
    case Reason::instances:
      return "instances";
    case Reason::per_source:
      return "per_source";
    case Reason::source_rate:
      return "rate_per_source";
    case Reason::process_limit:
      return "process_limit";
    case Reason::sensor:
      return "sensor";
    case Reason::fork:
      return "fork";
    case Reason::exec:
      return "exec";
    case Reason::name:
      return "name";
    case Reason::user:
      return "user";
    case Reason::inquiries:
      return "inquiries";
    case Reason::proxy:
      return "proxy";
    case Reason::target:
      return "target";
    case Reason::libwrap:
      return "libwrap";
    case Reason::stopped:
      return "stopped";
    case Reason::pressure:
      return "pressure";
  }
  return "address";
}

std::optional<Reason> reason_of(std::string_view text) noexcept {
  for (std::size_t each = 0; each < kReasons; ++each) {
    const auto reason = static_cast<Reason>(each);
    if (to_text(reason) == text) return reason;
  }
  return std::nullopt;
}

}  // namespace reeve
