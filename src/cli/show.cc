#include "cli/show.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/load.h"
#include "cli/settings.h"
#include "config/lexer.h"
#include "config/values.h"

namespace reeve {
namespace {

constexpr std::size_t kWidestName = 14;   // log_on_success
constexpr std::size_t kWidestValue = 48;  // longer ones push their origin aside

std::string place(Where where, const SourceLines& lines) {
  return fmt::format("{}:{}", lines.path(where), where.line);
}

std::string origin(const Setting& setting, const SourceLines& lines) {
  std::string text;
  switch (setting.source) {
    case Setting::Source::entry:
      text = place(setting.where, lines);
      break;
    case Setting::Source::defaults:
      text = "defaults " + place(setting.where, lines);
      break;
    case Setting::Source::built_in:
      text = "built-in";
      break;
  }
  if (!setting.remark.empty()) text += fmt::format(" ({})", setting.remark);
  return text;
}

std::string_view word(Setting::Source source) noexcept {
  switch (source) {
    case Setting::Source::entry:
      return "service";
    case Setting::Source::defaults:
      return "defaults";
    case Setting::Source::built_in:
      return "built-in";
  }
  return "built-in";
}

std::string assignment(const Setting& setting) {
  return fmt::format("{:<{}} {} {}", setting.attribute, kWidestName, setting.extends ? "+=" : " =", setting.value);
}

void append_explained(std::string& out, const Service& service, const std::vector<Setting>& settings, const SourceLines& lines) {
  std::size_t width = 0;
  for (const Setting& setting : settings) width = std::max(width, std::min(setting.value.size(), kWidestValue));
  width += kWidestName + sizeof(" += ") - 1;
  fmt::format_to(std::back_inserter(out), "service {}  # {}\n{{\n", printable(service.name), printable(place(service.where, lines)));
  for (const Setting& setting : settings) {
    fmt::format_to(std::back_inserter(out), "    {:<{}}  # {}\n", printable(assignment(setting)), width, printable(origin(setting, lines)));
  }
  out += "}\n";
}

void append_plain(std::string& out, const Service& service, const std::vector<Setting>& settings) {
  fmt::format_to(std::back_inserter(out), "service {}\n{{\n", service.name);
  for (const Setting& setting : settings) {
    if (setting.source != Setting::Source::built_in) fmt::format_to(std::back_inserter(out), "    {}\n", assignment(setting));
  }
  out += "}\n";
}

void append_json(std::string& out, const Service& service, const std::vector<Setting>& settings, const SourceLines& lines) {
  const auto at = [&](Where where) { return fmt::format("\"file\": {}, \"line\": {}", json_string(lines.path(where)), where.line); };
  fmt::format_to(std::back_inserter(out), "{{\"id\": {}, \"name\": {}, {}, \"attributes\": [", json_string(service.id),
                 json_string(service.name), at(service.where));
  std::string_view separator = "\n";
  for (const Setting& setting : settings) {
    fmt::format_to(std::back_inserter(out), "{}  {{\"name\": {}, \"value\": {}, \"from\": \"{}\"", std::exchange(separator, ",\n"),
                   json_string(setting.attribute), json_string(setting.value), word(setting.source));
    if (setting.where.line != 0) out += ", " + at(setting.where);
    out += "}";
  }
  out += "]}";
}

// Indexes of the services asked for, in the order of the files.
std::optional<std::vector<std::size_t>> chosen(const ShowRequest& request, const Parsed& parsed, std::string& complaint) {
  const std::vector<Service>& services = parsed.configuration->services;
  std::vector<bool> wanted(services.size(), request.services.empty());
  for (const std::string& name : request.services) {
    bool is_there = false;
    for (std::size_t i = 0; i < services.size(); ++i) {
      if (!equal_ignoring_case(services[i].id, name) && !equal_ignoring_case(services[i].name, name)) continue;
      wanted[i] = is_there = true;
    }
    if (is_there) continue;
    std::vector<std::string_view> known;
    for (const Service& service : services) known.push_back(service.id);
    const bool is_refused = std::ranges::any_of(parsed.refused, [&](const std::string& id) { return equal_ignoring_case(id, name); });
    const std::string hint = is_refused ? "errors cost it, see reeve check" : did_you_mean(name, known);
    complaint += fmt::format("reeve: no service `{}` would start{}{}\n", printable(name, 60), hint.empty() ? "" : ": ", hint);
  }
  if (!complaint.empty()) return std::nullopt;
  std::vector<std::size_t> indexes;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i]) indexes.push_back(i);
  }
  return indexes;
}

std::string rendered(const ShowRequest& request, const Loaded& loaded, const std::vector<std::size_t>& indexes) {
  SourceLines lines{loaded.bundle};
  const Configuration& configuration = *loaded.parsed.configuration;
  std::string out =
      request.form == ShowRequest::Form::json ? fmt::format("{{\"file\": {}, \"services\": [", json_string(request.path)) : "";
  bool is_first = true;
  for (const std::size_t index : indexes) {
    const Service& service = configuration.services[index];
    const std::vector<Setting> settings = settings_of(configuration, service, lines);
    const bool is_next = !std::exchange(is_first, false);
    switch (request.form) {
      case ShowRequest::Form::explained:
        if (is_next) out += "\n";
        append_explained(out, service, settings, lines);
        break;
      case ShowRequest::Form::plain:
        append_plain(out, service, settings);
        break;
      case ShowRequest::Form::json:
        out += is_next ? ",\n" : "\n";
        append_json(out, service, settings, lines);
        break;
    }
  }
  if (request.form == ShowRequest::Form::json) out += "]}\n";
  return out;
}

}  // namespace

Answer show(const ShowRequest& request, FileReader& files, Names& names) {
  const Result<Loaded> loaded = load(request.path, request.options, files, names);
  if (!loaded) return {.err = "reeve: " + printable(loaded.error().text()) + "\n", .exit_code = kWrong};
  Answer answer;
  if (loaded->parsed.unusable) {
    return {.err = fmt::format("reeve: {} can't be used, see reeve check\n", printable(request.path)), .exit_code = kWrong};
  }
  if (loaded->parsed.has_errors) answer.err = "reeve: there are errors, see reeve check; this is what would start nevertheless\n";
  std::string complaint;
  const auto indexes = chosen(request, loaded->parsed, complaint);
  if (!indexes) return {.err = std::move(complaint), .exit_code = kWrong};
  answer.out = rendered(request, *loaded, *indexes);
  return answer;
}

}  // namespace reeve
