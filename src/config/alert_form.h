// AlertForm: the text of `alert_form`, with places that are filled with what an alert says.
//
// {name} is a place: a brace, small letters and underscores, a brace. All other text, the braces of JSON too, is taken as it
// stands. A name that no field has is refused with its line. Pure; the filling is record/alert_formats.h's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

// What an alert can say, one by one: by these names in forms, in our JSON, and as REEVE_NAME in a command's environment.
enum class AlertField : std::uint8_t {
  id,
  time,
  event,
  origin,
  prefix,
  source,
  source_port,
  local,
  local_port,
  protocol,
  service,
  reason,
  hits,
  until,
  seconds,
  recorded,
  recorded_hex,
  machine,
  text,
};
constexpr std::size_t kAlertFields = 19;

[[nodiscard]] std::string_view to_text(AlertField field) noexcept;

struct AlertForm {
  struct Piece {
    std::string text;                 // what stands before the field
    std::optional<AlertField> field;  // none: the last piece
  };
  std::vector<Piece> pieces;
};

struct AlertFormTrouble {
  std::uint32_t line = 0;
  std::string what, hint;
};

constexpr std::size_t kMaxAlertFormBytes = 16u << 10;

[[nodiscard]] std::expected<AlertForm, AlertFormTrouble> parse_alert_form(std::string_view text);

}  // namespace reeve
