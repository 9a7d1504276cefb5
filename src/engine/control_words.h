// What answers of the control socket have in common.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "control/json_writer.h"
#include "control/request.h"
#include "engine/control_desk.h"

namespace reeve {

// By its id, or by its name.
[[nodiscard]] bool is_named(const Service& service, std::string_view wanted) noexcept;
[[nodiscard]] bool is_configured(const ControlDesk& desk, std::string_view wanted) noexcept;

[[nodiscard]] ControlFailure no_such_service(std::string_view wanted);
[[nodiscard]] ControlFailure configuration_changed();

[[nodiscard]] inline std::int64_t whole_seconds(std::chrono::nanoseconds span) noexcept {
  return std::chrono::floor<std::chrono::seconds>(span).count();
}

// What an operator did goes to the daemon's log, with who he is.
void say_order(const ControlDesk& desk, const ControlSession& session, const std::string& what);

// "refused" and "refused_by".
void write_refusals(JsonWriter& line, const std::array<std::uint64_t, kReasons>& refused);

}  // namespace reeve
