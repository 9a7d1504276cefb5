// The socket of `reeve`: where it is and who may look by it.
#include <span>
#include <string>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/apply.h"
#include "config/settle.h"
#include "config/values.h"

namespace reeve::apply_attribute {

void control(Desk& desk, Draft& draft, const Assignment& assignment) {
  // The kernel's bound on the path of a unix socket, its NUL included (unix(7)).
  constexpr std::size_t kMostBytes = 108;
  const Word& word = value_of(assignment);
  draft.control.off = equal_ignoring_case(word.text, "no");
  draft.control.path = {};
  if (draft.control.off) return;
  if (word.text.starts_with('/') && word.text.size() < kMostBytes) {
    draft.control.path = desk.store.intern(word.text);
  } else {
    desk.refuse(draft, word.where,
                fmt::format("control: `{}` is neither an absolute path of a unix socket nor no", printable(word.text, 60)));
  }
}

void control_read(Desk& desk, Draft& draft, const Assignment& assignment) {
  draft.control.everybody_reads = false;
  draft.control_readers.clear();
  for (const Word& word : assignment.values) {
    const auto number = parse_integer(word.text);
    if (equal_ignoring_case(word.text, "everybody")) {
      draft.control.everybody_reads = true;
    } else if (const auto gid = desk.names.find_group(desk.store.intern(word.text))) {
      draft.control_readers.push_back(*gid);
    } else if (number && *number >= 0 && *number < UINT32_MAX) {
      draft.control_readers.push_back(static_cast<std::uint32_t>(*number));
    } else {
      desk.refuse(draft, word.where, fmt::format("control_read: there is no group `{}`", printable(word.text, 60)),
                  "names of groups, or everybody");
    }
  }
}

}  // namespace reeve::apply_attribute

namespace reeve {

ControlTerms settle_control(Desk& desk, const Draft& defaults) {
  ControlTerms control = defaults.control;
  control.readers = desk.store.keep_all(std::span<const std::uint32_t>(defaults.control_readers));
  control.operators_group = desk.names.find_group(desk.store.intern("reeve"));
  return control;
}

}  // namespace reeve
