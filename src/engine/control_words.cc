#include "engine/control_words.h"

#include <algorithm>

#include "base/printable.h"

namespace reeve {

bool is_named(const Service& service, std::string_view wanted) noexcept {
  return service.id == wanted || service.name == wanted;
}

bool is_configured(const ControlDesk& desk, std::string_view wanted) noexcept {
  return std::ranges::any_of(desk.adoption.posts(), [&](const PostRef& post) { return is_named(post->service(), wanted); });
}

ControlFailure no_such_service(std::string_view wanted) {
  return {kNotFound, "there is no service `" + printable(wanted, 60) + "`"};
}

ControlFailure configuration_changed() {
  return {kBusy, "the configuration was changed meanwhile: ask again"};
}

void write_refusals(JsonWriter& line, const std::array<std::uint64_t, kReasons>& refused) {
  std::uint64_t all = 0;
  for (const std::uint64_t one : refused) all += one;
  line.field("refused", all);
  line.begin_object("refused_by");
  for (std::size_t reason = 0; reason < kReasons; ++reason) {
    if (refused[reason] != 0) line.field(to_text(static_cast<Reason>(reason)), refused[reason]);
  }
  line.end_object();
}

}  // namespace reeve
