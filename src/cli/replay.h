// replay: yesterday's connections, as logs tell of them, against a configuration, in virtual time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file_reader.h"
#include "base/names.h"
#include "base/time.h"
#include "cli/answer.h"
#include "cli/replay_input.h"
#include "config/parse.h"
#include "config/wrap_gather.h"

namespace reeve {

constexpr int kTurnsAway = 1;  // somebody who was admitted before would be refused

struct ReplayRequest {
  std::string path;
  std::string against;  // another configuration, in the place of what the logs say; empty: none
  ParseOptions options;
  std::vector<std::string> logs;  // "-": standard input
  std::string service;            // that web servers' lines are about
  double duration = 1;            // seconds that a visit lasts of which the logs don't say it
  double load = 0;
  WrapPaths wrap_paths;  // hosts.allow and hosts.deny: asked as they are now
  std::optional<std::uint32_t> process_limit;
  std::uint32_t top = 10;  // sources that are shown
  std::string plot;        // a file: .svg or .html; empty: none
  WallTime now;
  bool json = false, colour = false;
};

// A file that is to be written, by the door.
struct Picture {
  std::string path, text;
};

struct Replayed {
  Answer answer;
  std::optional<Picture> picture;
};

// `logs` in the place of request.logs, already open.
[[nodiscard]] Replayed replay(const ReplayRequest& request, std::vector<LogSource> logs, FileReader& files, Names& names);
// Opens request.logs.
[[nodiscard]] Replayed replay(const ReplayRequest& request, FileReader& files, Names& names);

}  // namespace reeve
