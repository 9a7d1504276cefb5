#include "cli/check.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/differences.h"
#include "cli/load.h"

namespace reeve {
namespace {

struct Tally {
  std::size_t errors = 0, warnings = 0, notes = 0, services = 0;
};

Tally tally_of(const Parsed& parsed) {
  const auto count = [&](Severity severity) {
    return static_cast<std::size_t>(std::ranges::count(parsed.diagnostics, severity, &Diagnostic::severity));
  };
  return {.errors = count(Severity::error),
          .warnings = count(Severity::warning),
          .notes = count(Severity::note),
          .services = parsed.unusable ? 0 : parsed.configuration->services.size()};
}

std::string counted(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string summary(const Tally& tally, const Parsed& parsed) {
  std::string line = fmt::format("{}, {}; {} would start\n", counted(tally.errors, "error"), counted(tally.warnings, "warning"),
                                 counted(tally.services, "service"));
  if (parsed.unusable) {
    line += "reeved would not start with it, and a running one would keep what it has\n";
  } else if (parsed.has_errors) {
    line += "a running reeved would refuse it and keep what it has\n";
  }
  return line;
}

std::string document(const CheckRequest& request, const Loaded& loaded, const Tally& tally) {
  std::string refused;
  for (const std::string& id : loaded.parsed.refused) refused += (refused.empty() ? "" : ", ") + json_string(id);
  return fmt::format(
      "{{\"file\": {}, \"errors\": {}, \"warnings\": {}, \"notes\": {}, \"services\": {}, \"usable\": {}, \"refused\": [{}],\n"
      "\"diagnostics\": {}}}\n",
      json_string(request.path), tally.errors, tally.warnings, tally.notes, tally.services, !loaded.parsed.unusable, refused,
      json_text(loaded.parsed.diagnostics, loaded.bundle));
}

Answer unreadable(const CheckRequest& request, const Error& error) {
  if (!request.json) return {.err = "reeve: " + printable(error.text()) + "\n", .exit_code = kWrong};
  return {.out = fmt::format("{{\"file\": {}, \"unreadable\": {}}}\n", json_string(request.path), json_string(error.text())),
          .exit_code = kWrong};
}

}  // namespace

Answer check(const CheckRequest& request, FileReader& files, Names& names) {
  Result<Loaded> loaded = load(request.path, request.options, files, names);
  if (!loaded) return unreadable(request, loaded.error());
  Parsed& parsed = loaded->parsed;
  std::ranges::move(differences(*parsed.configuration), std::back_inserter(parsed.diagnostics));
  std::ranges::stable_sort(parsed.diagnostics, {}, [](const Diagnostic& one) { return std::pair{one.where.file, one.where}; });
  const Tally tally = tally_of(parsed);
  Answer answer;
  answer.out = request.json ? document(request, *loaded, tally)
                            : caret_text(parsed.diagnostics, loaded->bundle, request.colour) + summary(tally, parsed);
  if (parsed.has_errors || parsed.unusable) {
    answer.exit_code = kWrong;
  } else if (request.strict && tally.warnings > 0) {
    answer.exit_code = kDoubtful;
  }
  return answer;
}

}  // namespace reeve
