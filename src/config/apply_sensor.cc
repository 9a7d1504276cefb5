// What a sensor does to whoever touches it, beside the ban.
#include <array>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/apply.h"
#include "config/values.h"

namespace reeve::apply_attribute {
namespace {

constexpr std::int64_t kMostRecorded = 65'536;

}  // namespace

void sensor_reply(Desk& desk, Draft& draft, const Assignment& assignment) {
  using Kind = SensorReply::Kind;
  static constexpr auto kWords = std::to_array<std::string_view>({"close", "reset", "banner", "tarpit", "record"});
  static constexpr auto kKinds = std::to_array<Kind>({Kind::close, Kind::reset, Kind::banner, Kind::tarpit, Kind::record});
  const Word& word = value_of(assignment);
  std::size_t which = 0;
  while (which < kWords.size() && !equal_ignoring_case(word.text, kWords[which])) ++which;
  if (which == kWords.size()) return refuse_word(desk, draft, assignment, word, kWords);

  SensorReply reply;
  reply.kind = kKinds[which];
  const bool wants_more = reply.kind == Kind::banner || reply.kind == Kind::record;
  if (wants_more != (assignment.values.size() == 2)) {
    const std::string_view hint = reply.kind == Kind::banner   ? "sensor_reply = banner /etc/reeve/welcome"
                                  : reply.kind == Kind::record ? "sensor_reply = record 4096"
                                                               : "";
    return desk.refuse(draft, wants_more ? word.where : assignment.values[1].where,
                       fmt::format("sensor_reply: {} {}", kWords[which],
                                   !wants_more                  ? "stands alone"
                                   : reply.kind == Kind::banner ? "needs the path of a file"
                                                                : "needs a number of bytes"),
                       std::string(hint));
  }
  if (reply.kind == Kind::banner) {
    const Word& path = assignment.values[1];
    if (!path.text.starts_with('/')) {
      return desk.refuse(draft, path.where, fmt::format("sensor_reply: the path `{}` is relative", printable(path.text, 60)),
                         "write it from the root");
    }
    reply.banner = desk.store.intern(path.text);
  } else if (reply.kind == Kind::record) {
    const auto most = read_number(desk, draft, assignment, assignment.values[1], 1, kMostRecorded);
    if (!most) return;
    reply.most_bytes = static_cast<std::uint32_t>(*most);
  }
  draft.sensor_reply = reply;
}

}  // namespace reeve::apply_attribute
