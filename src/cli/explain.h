// explain: why a visit is admitted or refused, gate by gate. Of an address, or of a line of a log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file_reader.h"
#include "base/names.h"
#include "base/time.h"
#include "cli/answer.h"
#include "config/parse.h"
#include "config/wrap_gather.h"

namespace reeve {

struct LiveFacts;  // cli/live_facts.h

constexpr int kDisagrees = 3;  // the pasted line says something else

struct ExplainRequest {
  std::string path;
  ParseOptions options;
  std::string source;   // an address, "uid:N" for a user of this machine, or a line of a log
  std::string service;  // id or name; empty: all of them, or the line's
  WallTime now;
  // What is known; the rest is as on an idle machine.
  std::string at;    // empty: the line's time, or now
  std::string name;  // of the client's machine; "unknown": it has none
  std::string user;  // at the client's end; "unknown": not told
  std::optional<double> load;
  std::optional<std::uint32_t> running, running_from, processes, process_limit;
  bool banned = false, over_cps = false, over_source_rate = false;
  const LiveFacts* live = nullptr;  // of the daemon; not for lines of logs, whose moment is over
  WrapPaths wrap_paths;
  bool json = false, colour = false;
};

[[nodiscard]] Answer explain(const ExplainRequest& request, FileReader& files, Names& names);

}  // namespace reeve
