// Attributes: the one table of everything that may be set in an entry.
//
// The parser, `reeve check`, `reeve show` and the manual's list are made from it: name, operators, number
// of values, where it is allowed, what a mistake in it costs, what it means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace reeve {

class Desk;
struct Draft;
struct Assignment;

struct Attribute {
  enum class Operators : std::uint8_t {
    assign,  // `=`, once
    extend,  // `=` and `+=`
    set,     // `=`, `+=` and `-=`
  };
  enum class Place : std::uint8_t { service, defaults, both };
  static constexpr std::uint16_t kMany = UINT16_MAX;

  std::string_view name;
  std::string_view values;  // what stands behind the operator, for people
  std::uint16_t fewest = 1, most = 1;
  Operators operators = Operators::assign;
  Place place = Place::service;
  // Limits who, from where, how many or how much: a mistake in it must not leave the service open.
  bool restricts = false;
  // Without it a limit holds nevertheless, so that a mistake may be ignored.
  bool limits_anyway = false;
  bool fixed_on_reload = false;  // xinetd can't change it for a running service; reeve replaces the service
  void (*apply)(Desk&, Draft&, const Assignment&) = nullptr;
  std::string_view help;

  [[nodiscard]] constexpr bool allowed_in_services() const noexcept { return place != Place::defaults; }
  [[nodiscard]] constexpr bool allowed_in_defaults() const noexcept { return place != Place::service; }
};

// Sorted by name. Origin::attribute indexes it.
[[nodiscard]] std::span<const Attribute> attributes() noexcept;

constexpr std::uint8_t kNoAttribute = UINT8_MAX;

// Ignores case; kNoAttribute when there is none.
[[nodiscard]] std::uint8_t find_attribute(std::string_view name) noexcept;

}  // namespace reeve
