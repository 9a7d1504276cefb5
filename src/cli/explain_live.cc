#include "cli/explain_live.h"

#include <expected>

#include "base/printable.h"
#include "cli/live_facts.h"

namespace reeve {

Answer explain_live(ExplainRequest request, const std::string& socket, FileReader& files, Names& names) {
  const auto source = parse_address(request.source);
  if (!source) return explain(request, files, names);
  const auto live = ask_facts(socket, *source);
  if (!live) {
    Answer answer = explain(request, files, names);
    answer.err = "reeve: " + printable(live.error().text) + ": the answer is as on an idle machine\n" + answer.err;
    return answer;
  }
  if (!live->configuration.empty()) request.path = live->configuration;
  request.live = &*live;
  return explain(request, files, names);
}

}  // namespace reeve
