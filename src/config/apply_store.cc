// Where bans are kept.
#include <fmt/format.h>

#include "base/printable.h"
#include "config/apply.h"
#include "config/values.h"

namespace reeve::apply_attribute {

void state_directory(Desk& desk, Draft& draft, const Assignment& assignment) {
  constexpr std::size_t kMostBytes = 4'000;  // a file's name in it must fit into PATH_MAX
  const Word& word = value_of(assignment);
  StoreTerms& store = desk.defence->store;
  store = {};
  if (equal_ignoring_case(word.text, "no")) {
    store.off = true;
  } else if (word.text.starts_with('/') && word.text.size() < kMostBytes) {
    store.directory = word.text;
  } else {
    desk.refuse(draft, word.where,
                fmt::format("state_directory: `{}` is neither the absolute path of a directory nor no", printable(word.text, 60)));
  }
}

}  // namespace reeve::apply_attribute
