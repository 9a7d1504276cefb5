#include "config/id_list.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/printable.h"

namespace reeve {
namespace {

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

}  // namespace

IdList::IdList(const ListDraft<Text>& list) : given_(list.own), where_(list.where) {
  for (const Text id : list.items) ids_.emplace(lowered(id), Entry{.written = id});
}

bool IdList::holds(std::string_view id) {
  if (ids_.empty()) return false;
  const auto found = ids_.find(lowered(id));
  if (found == ids_.end()) return false;
  found->second.seen = true;
  return true;
}

void IdList::note_unknown(Report& report, std::string_view attribute) const {
  std::vector<Text> unknown;
  for (const auto& [id, entry] : ids_) {
    if (!entry.seen) unknown.push_back(entry.written);
  }
  std::sort(unknown.begin(), unknown.end());
  for (const Text id : unknown) report.note(where_, fmt::format("{}: no service has the id `{}`", attribute, printable(id, 60)));
}

}  // namespace reeve
