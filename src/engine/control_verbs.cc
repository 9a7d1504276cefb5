#include <algorithm>
#include <array>

#include "engine/control_desk.h"

namespace reeve {

namespace {

constexpr auto kVerbs = std::to_array<ControlVerb>({
    {"bans", Role::reader, answer_bans},
    {"instances", Role::reader, answer_instances},
    {"services", Role::reader, answer_services},
    {"status", Role::reader, answer_status},
});

}  // namespace

const ControlVerb* find_control_verb(std::string_view name) noexcept {
  const auto found = std::ranges::find(kVerbs, name, &ControlVerb::name);
  return found == kVerbs.end() ? nullptr : &*found;
}

}  // namespace reeve
