// What of bans is the kernel's: whether it has them, and which ports it guards.
#include <array>
#include <string_view>

#include "config/apply.h"
#include "config/values.h"

namespace reeve::apply_attribute {

void kernel_bans(Desk& desk, Draft& draft, const Assignment& assignment) {
  const std::optional<bool> value = read_yes_no(desk, draft, assignment);
  if (!value) return;
  desk.defence->bans.in_kernel = *value;
  if (*value && !desk.options.running_as_root)
    desk.report.warning(value_of(assignment).where, "kernel_bans: only root can change the packet filter", "reeved started as root");
}

void ban_scope(Desk& desk, Draft& draft, const Assignment& assignment) {
  static constexpr auto kWords = std::to_array<std::string_view>({"services", "host"});
  const Word& word = value_of(assignment);
  if (equal_ignoring_case(word.text, kWords[0])) {
    desk.defence->bans.scope = BanTerms::Scope::services;
  } else if (equal_ignoring_case(word.text, kWords[1])) {
    desk.defence->bans.scope = BanTerms::Scope::host;
  } else {
    refuse_word(desk, draft, assignment, word, kWords);
  }
}

}  // namespace reeve::apply_attribute
