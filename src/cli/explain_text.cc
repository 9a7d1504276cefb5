#include "cli/explain_text.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"

namespace reeve {
namespace {

using Says = ExplainStep::Says;
using End = Explanation::Answer;

constexpr std::string_view kRed = "\x1b[31m", kGreen = "\x1b[32m", kYellow = "\x1b[33m", kBold = "\x1b[1m", kPlain = "\x1b[0m";

std::string_view word(Says says, bool decides) noexcept {
  switch (says) {
    case Says::passes:
      return "passes";
    case Says::refuses:
      return decides ? "REFUSES" : "would refuse";
    case Says::unknown:
      return "unknown";
    case Says::note:
      break;
  }
  return "";
}

std::string_view json_word(Says says) noexcept {
  switch (says) {
    case Says::passes:
      return "passes";
    case Says::refuses:
      return "refuses";
    case Says::unknown:
      return "unknown";
    case Says::note:
      break;
  }
  return "note";
}

std::string_view word(End answer) noexcept {
  switch (answer) {
    case End::admitted:
      return "admitted";
    case End::refused:
      return "refused";
    case End::unknown:
      break;
  }
  return "unknown";
}

std::string_view colour_of(End answer) noexcept {
  return answer == End::admitted ? kGreen : answer == End::refused ? kRed : kYellow;
}

}  // namespace

std::string outcome_text(const Explanation& explanation) {
  std::string text(word(explanation.answer));
  if (explanation.answer == End::admitted) return text;
  const ExplainStep& step = explanation.steps[explanation.deciding];
  if (explanation.reason) {
    text += fmt::format(": {}", to_text(*explanation.reason));
  } else {
    text += fmt::format(": {}", step.compared);
  }
  if (!step.place.empty()) text += ", by " + printable(step.place);
  return text;
}

std::string explained_text(const Explained& explained, bool colour) {
  const Explanation& explanation = explained.explanation;
  const auto paint = [colour](std::string_view how, std::string text) { return colour ? fmt::format("{}{}{}", how, text, kPlain) : text; };
  std::string out = fmt::format("{} -> {} ({}), {}\n\n", to_text(explained.source), printable(explained.service->id),
                                printable(place_text(*explained.configuration, explained.service->where)), explained.when);
  std::size_t widest = 0, gates = 0;
  constexpr std::size_t kWidest = 76;
  for (const ExplainStep& step : explanation.steps) {
    widest = std::max(widest, std::min(step.compared.size(), kWidest));
    gates = std::max(gates, step.gate.size());
  }
  for (std::size_t each = 0; each < explanation.steps.size(); ++each) {
    const ExplainStep& step = explanation.steps[each];
    const bool decides = explanation.answer != End::admitted && each == explanation.deciding;
    std::string says = fmt::format("{:<12}", word(step.says, decides));
    if (decides) says = paint(colour_of(explanation.answer), says);
    std::string row =
        fmt::format("  {:<{}}  {}  {:<{}}  {}", step.gate, gates, says, printable(step.compared), widest, printable(step.place));
    row.erase(row.find_last_not_of(' ') + 1);
    out += row + "\n";
  }
  out += "\n" + paint(kBold, paint(colour_of(explanation.answer), outcome_text(explanation))) + "\n";
  if (explanation.answer == End::refused) {
    out += fmt::format("it would pass this gate if: {}\n", printable(explanation.steps[explanation.deciding].change));
    const auto others = std::ranges::count_if(explanation.steps, [](const ExplainStep& step) { return step.says == Says::refuses; }) - 1;
    if (others > 0) out += fmt::format("{} more {} refuse it then\n", others, others == 1 ? "gate would" : "gates would");
  } else if (explanation.answer == End::admitted) {
    out += "it would be refused if:\n";
    for (const ExplainStep& step : explanation.steps) {
      if (step.says == Says::passes && !step.change.empty()) out += fmt::format("  {:<{}}  {}\n", step.gate, gates, printable(step.change));
    }
  }
  if (explained.compared) {
    const Explained::Compared& compared = *explained.compared;
    out += paint(compared.agrees ? kGreen : kRed,
                 fmt::format("\nthe line says {}: {}", compared.claim, compared.agrees ? "the same" : "this is NOT the same"));
    out += compared.remark.empty() ? "\n" : fmt::format(" ({})\n", printable(compared.remark));
  }
  return out;
}

std::string explained_json(const Explained& explained) {
  const Explanation& explanation = explained.explanation;
  std::string out = fmt::format("{{\"source\":{},\"service\":{},\"time\":{},\"answer\":\"{}\"", json_string(to_text(explained.source)),
                                json_string(explained.service->id), json_string(explained.when), word(explanation.answer));
  if (explanation.reason) out += fmt::format(",\"reason\":\"{}\"", to_text(*explanation.reason));
  if (explanation.answer != End::admitted) {
    const ExplainStep& step = explanation.steps[explanation.deciding];
    out += fmt::format(",\"gate\":\"{}\"", step.gate);
    if (!step.place.empty()) out += fmt::format(",\"rule\":{}", json_string(step.place));
  }
  if (explained.compared) {
    out += fmt::format(",\"line\":{{\"says\":{},\"agrees\":{},\"remark\":{}}}", json_string(explained.compared->claim),
                       explained.compared->agrees, json_string(explained.compared->remark));
  }
  out += ",\"gates\":[";
  std::string_view separator;
  for (const ExplainStep& step : explanation.steps) {
    out += fmt::format("{}{{\"gate\":\"{}\",\"says\":\"{}\",\"compared\":{}", std::exchange(separator, ","), step.gate,
                       json_word(step.says), json_string(step.compared));
    if (!step.place.empty()) out += fmt::format(",\"rule\":{}", json_string(step.place));
    if (!step.change.empty()) out += fmt::format(",\"change\":{}", json_string(step.change));
    out += "}";
  }
  return out + "]}\n";
}

}  // namespace reeve
