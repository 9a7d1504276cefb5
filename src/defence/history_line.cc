#include "defence/history_line.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "base/address.h"

namespace reeve {
namespace {

// What is not printable ASCII can't be in a reason, but in a file.
std::string quoted(std::string_view text, std::size_t most) {
  std::string out = "\"";
  for (const char byte : text) {
    const bool needs_escape = byte == '"' || byte == '\\';
    if (out.size() + (needs_escape ? 2 : 1) > most) break;
    if (needs_escape) out += '\\';
    out += byte >= ' ' && byte < '\x7f' ? byte : '?';
  }
  return out + '"';
}

std::int64_t seconds(WallTime time) noexcept {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}
std::string seconds_or_null(const std::optional<WallTime>& time) {
  return time ? std::to_string(seconds(*time)) : "null";
}

}  // namespace

std::string history_line(const PastBan& ban) {
  constexpr std::size_t kMostReason = 140, kMostNode = 70;
  std::string line = fmt::format(R"({{"prefix":"{}","origin":"{}","reason":{},"node":{},"since":{},"until":{},"ended":{})",
                                 to_text(ban.prefix), to_text(ban.origin), quoted(ban.reason, kMostReason), quoted(ban.node, kMostNode),
                                 seconds(ban.since), seconds_or_null(ban.until), seconds_or_null(ban.ended));
  line += ban.ended ? fmt::format(R"(,"why":"{}")", to_text(ban.why)) : R"(,"why":null)";
  line += ban.lifted_by ? fmt::format(R"(,"lifted_by":"{}")", to_text(*ban.lifted_by)) : R"(,"lifted_by":null)";
  line += fmt::format(R"(,"times":{},"hits":{}}})", ban.times, ban.hits);
  static_assert(sizeof(AnswerMessage::text) >= 512);
  return line;
}

}  // namespace reeve
