#include "cli/convert.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/load.h"
#include "config/inetd.h"
#include "config/inetd_import.h"
#include "config/lexer.h"
#include "config/source_lines.h"
#include "config/unit_export.h"
#include "config/unit_import.h"
#include "config/values.h"
#include "policy/decide.h"

namespace reeve {
namespace {

Conversion refused(std::string_view text) {
  return {.answer = {.err = fmt::format("reeve: {}\n", printable(text)), .exit_code = kWrong}};
}

std::string counted(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

// The report, and what it means for the exit code.
Answer report(const ConvertRequest& request, const std::vector<Diagnostic>& diagnostics, const Bundle& bundle, std::string_view summary) {
  const auto count = [&](Severity severity) {
    return static_cast<std::size_t>(std::ranges::count(diagnostics, severity, &Diagnostic::severity));
  };
  const std::size_t errors = count(Severity::error), lost = count(Severity::warning);
  Answer answer;
  answer.err = caret_text(diagnostics, bundle, request.colour) +
               fmt::format("{}; {}, {} not said\n", summary, counted(errors, "error"), counted(lost, "meaning"));
  answer.exit_code = errors > 0 ? kWrong : request.strict && lost > 0 ? kDoubtful : kClean;
  return answer;
}

Conversion imported(const ConvertRequest& request, Imported result, const Bundle& bundle, std::string_view source) {
  std::string summary = counted(result.entries, "entry");
  if (result.entries != 1) summary = fmt::format("{} entries", result.entries);
  if (result.off > 0) summary += fmt::format(", {} of them switched off", result.off);
  Conversion conversion{.answer = report(request, result.diagnostics, bundle, summary)};
  std::string text = fmt::format("# Made from {} by reeve convert.\n\n{}", printable(source), result.text);
  if (request.output.empty()) {
    conversion.answer.out = std::move(text);
  } else {
    conversion.files.push_back({request.output, std::move(text)});
  }
  return conversion;
}

Conversion from_inetd(const ConvertRequest& request, FileReader& files, Names& names) {
  if (request.words.size() > 1) return refused("--from inetd takes one file");
  const std::string path = request.words.empty() ? kInetdConf : request.words.front();
  Bundle bundle;
  const Result<void> added = add_inetd(bundle, path, files);
  if (!added) return refused(added.error().text());
  return imported(request, import_inetd(bundle, names), bundle, path);
}

Conversion from_systemd(const ConvertRequest& request, FileReader& files, Names& names) {
  if (request.words.empty()) return refused("--from systemd needs FILE.socket, or a folder with such files");
  const Result<Units> units = gather_units(request.words, files);
  if (!units) return refused(units.error().text());
  return imported(request, import_units(*units, names), units->bundle, fmt::format("{}", fmt::join(request.words, " ")));
}

bool has_rules(const std::string& path, FileReader& files) {
  const Result<std::string> text = files.read_file(path);
  if (!text) return false;
  Lexer lexer(*text, 0);
  Line line;
  return lexer.next(line);
}

std::optional<std::vector<ServiceToExport>> chosen(const ConvertRequest& request, const Configuration& configuration,
                                                   std::string& complaint) {
  std::vector<ServiceToExport> all;
  std::vector<std::string_view> known;
  const auto is_called = [](const Service& service, std::string_view name) {
    return equal_ignoring_case(service.id, name) || equal_ignoring_case(service.name, name);
  };
  for (const Service& service : configuration.services) {
    known.push_back(service.id);
    const bool is_wanted =
        request.words.empty() || std::ranges::any_of(request.words, [&](const std::string& one) { return is_called(service, one); });
    if (is_wanted) all.push_back({.service = &service, .per_source = source_limit(service)});
  }
  for (const std::string& name : request.words) {
    if (std::ranges::any_of(configuration.services, [&](const Service& service) { return is_called(service, name); })) continue;
    const std::string hint = did_you_mean(name, known);
    complaint += fmt::format("reeve: no service `{}` would start{}{}\n", printable(name, 60), hint.empty() ? "" : ": ", hint);
  }
  return complaint.empty() ? std::optional(std::move(all)) : std::nullopt;
}

Conversion to_systemd(const ConvertRequest& request, FileReader& files, Names& names) {
  if (request.output.empty()) return refused("--to systemd needs a folder for the units: -o FOLDER");
  const Result<Loaded> loaded = load(request.path, request.options, files, names);
  if (!loaded) return refused(loaded.error().text());
  if (loaded->parsed.unusable) return refused(fmt::format("{} can't be used, see reeve check", request.path));
  std::string complaint;
  const auto services = chosen(request, *loaded->parsed.configuration, complaint);
  if (!services) return {.answer = {.err = std::move(complaint), .exit_code = kWrong}};
  SourceLines lines{loaded->bundle};
  const bool has_wrap_rules = has_rules(request.wrap_paths.allow, files) || has_rules(request.wrap_paths.deny, files);
  const Exported result = export_units(*loaded->parsed.configuration, *services, has_wrap_rules, lines, names);
  // Services that errors cost are not there to be converted.
  std::vector<Diagnostic> diagnostics;
  std::ranges::copy_if(loaded->parsed.diagnostics, std::back_inserter(diagnostics),
                       [](const Diagnostic& one) { return one.severity == Severity::error; });
  diagnostics.insert(diagnostics.end(), result.diagnostics.begin(), result.diagnostics.end());
  std::string summary = counted(result.services, "service");
  if (result.left_out > 0) summary += fmt::format(", {} left out", result.left_out);
  Conversion conversion{.answer = report(request, diagnostics, loaded->bundle, summary)};
  for (const UnitText& unit : result.units) {
    conversion.files.push_back(
        {fmt::format("{}{}{}", request.output, request.output.ends_with('/') ? "" : "/", unit.file_name), unit.text});
    conversion.answer.out += conversion.files.back().path + '\n';
  }
  return conversion;
}

}  // namespace

Conversion convert(const ConvertRequest& request, FileReader& files, Names& names) {
  switch (request.direction) {
    case ConvertRequest::Direction::from_inetd:
      return from_inetd(request, files, names);
    case ConvertRequest::Direction::from_systemd:
      return from_systemd(request, files, names);
    case ConvertRequest::Direction::to_systemd:
      return to_systemd(request, files, names);
  }
  return refused("nothing to convert");
}

}  // namespace reeve
