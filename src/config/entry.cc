#include "config/entry.h"

#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/bundle.h"

namespace reeve {
namespace {

using namespace std::string_view_literals;

bool begins_with_operator(std::string_view word) noexcept {
  return word.starts_with('=') || word.starts_with("+=") || word.starts_with("-=");
}

// `service`, `defaults` and the like are keywords only where no operator follows.
std::optional<Piece::Kind> keyword(std::string_view line) noexcept {
  const std::string_view first = first_word(line);
  std::optional<Piece::Kind> kind;
  if (equal_ignoring_case(first, "service")) kind = Piece::Kind::service_begins;
  if (equal_ignoring_case(first, "defaults")) kind = Piece::Kind::defaults_begins;
  if (equal_ignoring_case(first, "include")) kind = Piece::Kind::include;
  if (equal_ignoring_case(first, "includedir")) kind = Piece::Kind::include_directory;
  if (!kind) return std::nullopt;
  std::string_view rest = line.substr(first.size());
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
  if (begins_with_operator(rest)) return std::nullopt;
  return kind;
}

std::string quoted(std::string_view text) {
  return fmt::format("`{}`", printable(text, 60));
}

}  // namespace

std::string_view to_text(Operator op) noexcept {
  switch (op) {
    case Operator::assign:
      return "=";
    case Operator::add:
      return "+=";
    case Operator::remove:
      return "-=";
  }
  return "?";
}

EntryReader::EntryReader(std::string_view text, std::uint16_t file, Depth depth, Report& report)
    : lexer_(text, file), depth_(depth), report_(report) {}

std::optional<Piece> EntryReader::next() {
  for (;;) {
    const std::optional<Line> line = next_line();
    if (!line) {
      if (state_ == State::outside) return std::nullopt;
      if (state_ != State::skipping) damage_entry(entry_, "the entry has no closing brace", "write `}` on a line of its own");
      return end_entry();
    }
    std::optional<Piece> piece = state_ == State::outside ? read_outside(*line) : read_inside(*line);
    if (piece) return piece;
  }
}

std::optional<Line> EntryReader::next_line() {
  if (pushed_back_) return std::exchange(pushed_back_, std::nullopt);
  return lexer_.next();
}

std::optional<Piece> EntryReader::read_outside(const Line& line) {
  const std::optional<Piece::Kind> kind = keyword(line.text);
  report_.close_entry({});  // what was said so far concerns no entry
  if (!kind) {
    if (line.damage != Line::Damage::none) {
      report_damage(line);
    } else if (!stray_) {
      report_.error(Scope::attribute, line.where, fmt::format("{} belongs to no entry", quoted(first_word(line.text))),
                    "expected `service`, `defaults`, `include` or `includedir`");
    }
    stray_ = true;  // one message for a run of such lines
    return std::nullopt;
  }
  stray_ = false;
  switch (*kind) {
    case Piece::Kind::service_begins:
    case Piece::Kind::defaults_begins:
      return begin_entry(line, *kind);
    default:
      return directive(line, *kind);
  }
}

Piece EntryReader::begin_entry(const Line& line, Piece::Kind kind) {
  state_ = State::before_brace;
  entry_ = line.where;
  in_defaults_ = kind == Piece::Kind::defaults_begins;
  damaged_ = false;
  Piece piece{.kind = kind, .where = line.where};
  if (line.damage != Line::Damage::none) {
    report_damage(line);
    piece.word.where = line.where;
    return piece;
  }
  words_.clear();
  split(line.text, line.where, words_);
  const std::size_t expected = in_defaults_ ? 1 : 2;
  if (words_.size() < expected) {
    damage_entry(line.where, "the service has no name", "service NAME");
  } else if (words_.size() > expected) {
    const Word& extra = words_[expected];
    damage_entry(extra.where, fmt::format("{} does not belong here", quoted(extra.text)),
                 extra.text == "{" ? "write `{` on a line of its own" : "");
  }
  piece.word = words_.size() >= 2 && !in_defaults_ ? words_[1] : Word{{}, line.where};
  return piece;
}

std::optional<Piece> EntryReader::directive(const Line& line, Piece::Kind kind) {
  if (line.damage != Line::Damage::none) {
    report_damage(line);
    return std::nullopt;
  }
  words_.clear();
  split(line.text, line.where, words_);
  if (words_.size() != 2) {
    report_.error(Scope::attribute, line.where, fmt::format("{} takes one path", words_[0].text), fmt::format("{} PATH", words_[0].text));
    return std::nullopt;
  }
  return Piece{.kind = kind, .where = line.where, .word = words_[1]};
}

std::optional<Piece> EntryReader::read_inside(const Line& line) {
  if (line.text == "}"sv) {
    if (state_ == State::before_brace) damage_entry(line.where, "expected `{`");
    return end_entry();
  }
  if (keyword(line.text)) {
    pushed_back_ = line;
    if (state_ == State::before_brace) {
      damage_entry(entry_, "the entry has no braces");
    } else if (state_ == State::inside) {
      damage_entry(entry_, "the entry has no closing brace",
                   fmt::format("write `}}` on a line of its own before line {}", line.where.line));
    }
    return end_entry();
  }
  switch (state_) {
    case State::before_brace:
      expect_brace(line);
      return std::nullopt;
    case State::inside:
      return assignment(line);
    default:
      return std::nullopt;
  }
}

void EntryReader::expect_brace(const Line& line) {
  if (line.text == "{"sv) {
    state_ = State::inside;
    return;
  }
  state_ = State::skipping;
  if (line.damage != Line::Damage::none) return report_damage(line);
  damage_entry(line.where, fmt::format("expected `{{` on a line of its own before {}", quoted(first_word(line.text))));
}

std::optional<Piece> EntryReader::assignment(const Line& line) {
  if (depth_ == Depth::only_includes || (depth_ == Depth::no_services && !in_defaults_)) return std::nullopt;
  if (line.damage != Line::Damage::none) {
    report_damage(line);
    return std::nullopt;
  }
  // NAME OP VALUES; blanks around the operator are welcome, not needed.
  const std::size_t end = std::min(line.text.find_first_of("= \t\v\f\r"), line.text.size());
  std::string_view name = line.text.substr(0, end);
  std::size_t at = end;
  if (at < line.text.size() && line.text[at] == '=' && (name.ends_with('+') || name.ends_with('-'))) {
    name.remove_suffix(1);
    --at;
  }
  while (at < line.text.size() && is_blank(line.text[at])) ++at;
  const std::string_view rest = line.text.substr(at);
  if (name.empty() || !begins_with_operator(rest)) {
    damage_entry(line.where, fmt::format("{} is not followed by an operator", quoted(first_word(line.text))), "ATTRIBUTE = VALUE ...");
    return std::nullopt;
  }
  Piece piece{.kind = Piece::Kind::assignment, .where = line.where};
  piece.assignment.name = {name, line.where};
  piece.assignment.op = rest[0] == '=' ? Operator::assign : rest[0] == '+' ? Operator::add : Operator::remove;
  const std::size_t width = piece.assignment.op == Operator::assign ? 1 : 2;
  words_.clear();
  split(rest.substr(width), behind(line.where, at + width), words_);
  piece.assignment.values = words_;
  return piece;
}

Piece EntryReader::end_entry() {
  state_ = State::outside;
  stray_ = false;
  return {.kind = Piece::Kind::entry_ends, .where = entry_, .damaged = damaged_};
}

void EntryReader::report_damage(const Line& line) {
  const Scope scope = state_ == State::outside ? Scope::attribute : in_defaults_ ? Scope::configuration : Scope::service;
  damaged_ = true;
  switch (line.damage) {
    case Line::Damage::none:
      break;
    case Line::Damage::too_long:
      report_.error(scope, line.damaged_at, fmt::format("the line is longer than {} bytes", kMaxLineBytes),
                    "split the value over several lines with +=");
      break;
    case Line::Damage::nul_byte:
      report_.error(scope, line.damaged_at, "the line holds a NUL byte");
      break;
    case Line::Damage::not_utf8:
      report_.error(scope, line.damaged_at, "the line is not valid UTF-8");
      break;
  }
}

void EntryReader::damage_entry(Where where, std::string text, std::string hint) {
  damaged_ = true;
  report_.error(in_defaults_ ? Scope::configuration : Scope::service, where, std::move(text), std::move(hint));
}

}  // namespace reeve
