#include "config/diagnostic.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/bundle.h"
#include "config/source_lines.h"

namespace reeve {
namespace {

constexpr std::size_t kMaxLogBytes = 1000;
constexpr std::size_t kMaxLogPathBytes = 300;
constexpr std::size_t kMaxShownCharacters = 120;
constexpr std::size_t kShownBeforeCaret = 60;

std::string_view word(Severity severity) noexcept {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "error";
}

std::string_view word(Scope scope) noexcept {
  switch (scope) {
    case Scope::attribute:
      return "attribute";
    case Scope::service:
      return "service";
    case Scope::configuration:
      return "configuration";
  }
  return "configuration";
}

// A source line and the marks below it, character by character: with a tab below each tab both lines
// stay aligned whatever the terminal's tab stops are.
struct Marked {
  std::string line, marks;
};

Marked marked(std::string_view line, std::size_t column) {
  struct Cell {
    std::string_view shown;
    std::size_t offset;
  };
  std::vector<Cell> cells;
  line = line.substr(0, column + std::size_t{4} * kMaxShownCharacters);  // a line may be megabytes long
  for (std::size_t offset = 0; offset < line.size();) {
    const std::string_view rest = line.substr(offset);
    const Utf8Character character = first_character(rest);
    const bool as_it_is = character.printable || rest[0] == '\t';
    cells.push_back({as_it_is ? rest.substr(0, character.bytes) : std::string_view{"?"}, offset});
    offset += character.bytes;
  }
  // The caret may stand right behind the line's end: something is missing there.
  const auto after = std::ranges::upper_bound(cells, column == 0 ? 0 : column - 1, {}, &Cell::offset);
  std::size_t caret = column == 0 ? 0 : static_cast<std::size_t>(after - cells.begin()) - (column <= line.size() ? 1 : 0);
  std::size_t mark_end = caret + 1;
  while (mark_end < cells.size() && cells[mark_end].shown != " " && cells[mark_end].shown != "\t") ++mark_end;

  const std::size_t first = cells.size() <= kMaxShownCharacters || caret < kShownBeforeCaret
                                ? 0
                                : std::min(caret - kShownBeforeCaret, cells.size() - kMaxShownCharacters);
  const std::size_t last = std::min(cells.size(), first + kMaxShownCharacters);
  Marked result;
  if (first > 0) {
    result.line = "...";
    result.marks = "   ";
  }
  for (std::size_t i = first; i < last; ++i) {
    result.line += cells[i].shown;
    if (i < caret) result.marks += cells[i].shown == "\t" ? '\t' : ' ';
  }
  if (last < cells.size()) result.line += "...";
  if (column == 0) {
    result.marks.clear();
  } else {
    result.marks += '^';
    result.marks.append(std::min(mark_end, std::max(last, caret + 1)) - caret - 1, '~');
  }
  return result;
}

struct Palette {
  std::string_view bold, severity, mark, hint, off;
};

Palette palette(Severity severity, bool colour) noexcept {
  if (!colour) return {};
  const std::string_view word_colour = severity == Severity::error     ? "\033[1;31m"
                                       : severity == Severity::warning ? "\033[1;35m"
                                                                       : "\033[1;36m";
  return {"\033[1m", word_colour, "\033[1;32m", "\033[1;36m", "\033[0m"};
}

void append_caret_text(std::string& out, const Diagnostic& diagnostic, SourceLines& lines, bool colour) {
  const std::string_view path = lines.path(diagnostic.where);
  const Palette with = palette(diagnostic.severity, colour);
  const Where where = diagnostic.where;
  out += with.bold;
  if (path.empty()) {
    out += "reeve: ";
  } else {
    out += printable(path);
    out += where.column == 0 ? fmt::format(":{}: ", where.line) : fmt::format(":{}:{}: ", where.line, where.column);
  }
  fmt::format_to(std::back_inserter(out), "{}{}{}: {}{}{}{}\n", with.off, with.severity, word(diagnostic.severity), with.off, with.bold,
                 printable(diagnostic.text), with.off);
  const Marked shown = marked(lines.line(where), where.column);
  if (!shown.line.empty()) fmt::format_to(std::back_inserter(out), "{:>5} | {}\n", where.line, shown.line);
  if (!shown.line.empty() && !shown.marks.empty()) {
    fmt::format_to(std::back_inserter(out), "      | {}{}{}\n", with.mark, shown.marks, with.off);
  }
  if (!diagnostic.hint.empty()) {
    fmt::format_to(std::back_inserter(out), "      {}={} {}\n", with.hint, with.off, printable(diagnostic.hint));
  }
}

}  // namespace

std::string log_text(const Diagnostic& diagnostic, const Bundle& bundle) {
  const std::string_view path = SourceLines{bundle}.path(diagnostic.where);
  std::string place;
  if (!path.empty()) place = fmt::format(" [file={}] [line={}]", printable(path, kMaxLogPathBytes), diagnostic.where.line);
  const std::string text = diagnostic.hint.empty() ? diagnostic.text : fmt::format("{}: {}", diagnostic.text, diagnostic.hint);
  return printable(text, kMaxLogBytes - place.size()) + place;
}

std::string caret_text(const Diagnostic& diagnostic, const Bundle& bundle, bool colour) {
  return caret_text(std::vector<Diagnostic>{diagnostic}, bundle, colour);
}

std::string caret_text(const std::vector<Diagnostic>& diagnostics, const Bundle& bundle, bool colour) {
  SourceLines lines{bundle};
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) append_caret_text(out, diagnostic, lines, colour);
  return out;
}

std::string json_text(const std::vector<Diagnostic>& diagnostics, const Bundle& bundle) {
  std::string out = "[";
  for (const Diagnostic& diagnostic : diagnostics) {
    if (out.size() > 1) out += ",";
    fmt::format_to(std::back_inserter(out), "\n  {{\"severity\": \"{}\", \"scope\": \"{}\"", word(diagnostic.severity),
                   word(diagnostic.scope));
    const std::string_view path = SourceLines{bundle}.path(diagnostic.where);
    if (!path.empty()) {
      fmt::format_to(std::back_inserter(out), ", \"file\": {}, \"line\": {}", json_string(path), diagnostic.where.line);
      if (diagnostic.where.column != 0) fmt::format_to(std::back_inserter(out), ", \"column\": {}", diagnostic.where.column);
    }
    if (!diagnostic.service.empty()) fmt::format_to(std::back_inserter(out), ", \"service\": {}", json_string(diagnostic.service));
    fmt::format_to(std::back_inserter(out), ", \"text\": {}", json_string(diagnostic.text));
    if (!diagnostic.hint.empty()) fmt::format_to(std::back_inserter(out), ", \"hint\": {}", json_string(diagnostic.hint));
    out += "}";
  }
  return out += diagnostics.empty() ? "]" : "\n]";
}

}  // namespace reeve
