#include "cli/explain_live.h"

#include <expected>
#include <optional>
#include <string_view>

#include "base/printable.h"
#include "base/source_text.h"
#include "cli/live_facts.h"
#include "record/log_line.h"

namespace reeve {

namespace {

// Of a line: of whom it tells. Its moment is over: only which configuration is in force is asked of the daemon.
std::optional<Address> source_of_line(std::string_view text) {
  const auto line = read_log_line(text);
  if (!line || !line->source) return std::nullopt;
  return line->source->address;
}

}  // namespace

Answer explain_live(ExplainRequest request, const std::string& socket, FileReader& files, Names& names) {
  auto source = parse_source(request.source);
  const bool is_line = !source;
  if (is_line) source = source_of_line(request.source);
  if (!source) return explain(request, files, names);
  const auto live = ask_facts(socket, *source);
  if (!live) {
    Answer answer = explain(request, files, names);
    if (!is_line) answer.err = "reeve: " + printable(live.error().text) + ": the answer is as on an idle machine\n" + answer.err;
    return answer;
  }
  if (!live->configuration.empty()) request.path = live->configuration;
  if (!is_line) request.live = &*live;
  return explain(request, files, names);
}

}  // namespace reeve
