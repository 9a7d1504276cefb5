#include <algorithm>
#include <array>

#include "engine/control_desk.h"

namespace reeve {

namespace {

constexpr auto kVerbs = std::to_array<ControlVerb>({
    {"ban", Role::operates, answer_ban},
    {"bans", Role::reader, answer_bans, true},
    {"facts", Role::reader, answer_facts},
    {"confirm", Role::operates, answer_confirm},
    {"counts", Role::reader, answer_counts},
    {"drain", Role::operates, answer_drain},
    {"end_old", Role::operates, answer_end_old},
    {"history", Role::reader, answer_history},
    {"instances", Role::reader, answer_instances, true},
    {"log", Role::reader, answer_log},
    {"reload", Role::operates, answer_reload},
    {"services", Role::reader, answer_services, true},
    {"start", Role::operates, answer_start},
    {"status", Role::reader, answer_status, true},
    {"stop", Role::operates, answer_stop},
    {"unban", Role::operates, answer_unban},
});

}  // namespace

const ControlVerb* find_control_verb(std::string_view name) noexcept {
  const auto found = std::ranges::find(kVerbs, name, &ControlVerb::name);
  return found == kVerbs.end() ? nullptr : &*found;
}

}  // namespace reeve
