// preview-list: whom a list of networks would have shut out yesterday, as logs tell of it.
//
// Asks no daemon and reads no configuration: only who came counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "cli/answer.h"
#include "cli/replay_input.h"

namespace CLI {
class App;
}

namespace reeve {

struct PreviewListRequest {
  std::string list;               // a path; "-": standard input
  std::vector<std::string> logs;  // likewise
  std::uint32_t top = 10;         // sources that are shown
  WallTime now;
  bool json = false;
};

constexpr int kShutsOut = 1;  // somebody who was admitted would be refused

void add_preview_list_options(CLI::App& verb, PreviewListRequest& request);

// `text` of request.list, and `logs` in the place of request.logs, already open.
[[nodiscard]] Answer preview_list(const PreviewListRequest& request, std::string_view text, std::vector<LogSource> logs);
// Opens both.
[[nodiscard]] Answer preview_list(const PreviewListRequest& request);

}  // namespace reeve
