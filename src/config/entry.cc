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
  const char initial = lower(line.front());
  if (initial != 's' && initial != 'd' && initial != 'i') return std::nullopt;  // most lines
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

const Piece* EntryReader::next() {
  for (;;) {
    if (!next_line()) {
      if (state_ == State::outside) return nullptr;
      if (state_ != State::skipping) damage_entry(entry_, "the entry has no closing brace", "write `}` on a line of its own");
      return end_entry();
    }
    const Piece* piece = state_ == State::outside ? read_outside() : read_inside();
    if (piece != nullptr) return piece;
  }
}

bool EntryReader::next_line() {
  if (std::exchange(again_, false)) return true;
  if (depth_ != Depth::everything && state_ == State::outside) lexer_.skip_to("sdi");  // the initials of the keywords
  return lexer_.next(line_);
}

const Piece* EntryReader::give(Piece::Kind kind, Where where, Word word) {
  piece_.kind = kind;
  piece_.where = where;
  piece_.word = word;
  piece_.damaged = damaged_;
  return &piece_;
}

const Piece* EntryReader::read_outside() {
  const std::optional<Piece::Kind> kind = keyword(line_.text);
  if (depth_ == Depth::everything) report_.close_entry({});  // what was said so far concerns no entry
  if (!kind) {
    if (depth_ != Depth::everything) return nullptr;
    if (line_.damage != Line::Damage::none) {
      report_damage();
    } else if (!stray_) {
      report_.error(Scope::attribute, line_.where, fmt::format("{} belongs to no entry", quoted(first_word(line_.text))),
                    "expected `service`, `defaults`, `include` or `includedir`");
    }
    stray_ = true;  // one message for a run of such lines
    return nullptr;
  }
  stray_ = false;
  switch (*kind) {
    case Piece::Kind::service_begins:
      if (depth_ == Depth::everything) return begin_entry(*kind);
      return give(*kind, line_.where, {{}, line_.where});
    case Piece::Kind::defaults_begins:
      if (depth_ != Depth::only_includes) return begin_entry(*kind);
      return nullptr;
    default:
      return directive(*kind);
  }
}

const Piece* EntryReader::begin_entry(Piece::Kind kind) {
  state_ = State::before_brace;
  entry_ = line_.where;
  in_defaults_ = kind == Piece::Kind::defaults_begins;
  damaged_ = false;
  if (line_.damage != Line::Damage::none) {
    report_damage();
    return give(kind, line_.where, {{}, line_.where});
  }
  words_.clear();
  split(line_.text, line_.where, words_);
  const std::size_t expected = in_defaults_ ? 1 : 2;
  if (words_.size() < expected) {
    damage_entry(line_.where, "the service has no name", "service NAME");
  } else if (words_.size() > expected) {
    const Word& extra = words_[expected];
    damage_entry(extra.where, fmt::format("{} does not belong here", quoted(extra.text)),
                 extra.text == "{" ? "write `{` on a line of its own" : "");
  }
  return give(kind, line_.where, words_.size() >= 2 && !in_defaults_ ? words_[1] : Word{{}, line_.where});
}

const Piece* EntryReader::directive(Piece::Kind kind) {
  if (line_.damage != Line::Damage::none) {
    report_damage();
    return nullptr;
  }
  words_.clear();
  split(line_.text, line_.where, words_);
  if (words_.size() != 2) {
    report_.error(Scope::attribute, line_.where, fmt::format("{} takes one path", words_[0].text), fmt::format("{} PATH", words_[0].text));
    return nullptr;
  }
  return give(kind, line_.where, words_[1]);
}

const Piece* EntryReader::read_inside() {
  if (line_.text == "}"sv) {
    if (state_ == State::before_brace) damage_entry(line_.where, "expected `{`");
    return end_entry();
  }
  if (keyword(line_.text)) {
    again_ = true;
    if (state_ == State::before_brace) {
      damage_entry(entry_, "the entry has no braces");
    } else if (state_ == State::inside) {
      damage_entry(entry_, "the entry has no closing brace",
                   fmt::format("write `}}` on a line of its own before line {}", line_.where.line));
    }
    return end_entry();
  }
  switch (state_) {
    case State::before_brace:
      expect_brace();
      return nullptr;
    case State::inside:
      return assignment();
    default:
      return nullptr;
  }
}

void EntryReader::expect_brace() {
  if (line_.text == "{"sv) {
    state_ = State::inside;
    return;
  }
  state_ = State::skipping;
  if (line_.damage != Line::Damage::none) return report_damage();
  damage_entry(line_.where, fmt::format("expected `{{` on a line of its own before {}", quoted(first_word(line_.text))));
}

const Piece* EntryReader::assignment() {
  if (line_.damage != Line::Damage::none) {
    report_damage();
    return nullptr;
  }
  // NAME OP VALUES; blanks around the operator are welcome, not needed.
  const std::string_view text = line_.text;
  std::size_t end = 0;
  while (end < text.size() && text[end] != '=' && !is_blank(text[end])) ++end;
  std::string_view name = text.substr(0, end);
  std::size_t at = end;
  if (at < text.size() && text[at] == '=' && (name.ends_with('+') || name.ends_with('-'))) {
    name.remove_suffix(1);
    --at;
  }
  while (at < text.size() && is_blank(text[at])) ++at;
  const std::string_view rest = text.substr(at);
  if (name.empty() || !begins_with_operator(rest)) {
    damage_entry(line_.where, fmt::format("{} is not followed by an operator", quoted(first_word(text))), "ATTRIBUTE = VALUE ...");
    return nullptr;
  }
  Assignment& assignment = piece_.assignment;
  assignment.name = {name, line_.where};
  assignment.op = rest[0] == '=' ? Operator::assign : rest[0] == '+' ? Operator::add : Operator::remove;
  const std::size_t width = assignment.op == Operator::assign ? 1 : 2;
  words_.clear();
  split(rest.substr(width), behind(line_.where, at + width), words_);
  assignment.values = words_;
  return give(Piece::Kind::assignment, line_.where, assignment.name);
}

const Piece* EntryReader::end_entry() {
  state_ = State::outside;
  stray_ = false;
  return give(Piece::Kind::entry_ends, entry_, {});
}

void EntryReader::report_damage() {
  const Scope scope = state_ == State::outside ? Scope::attribute : in_defaults_ ? Scope::configuration : Scope::service;
  damaged_ = true;
  switch (line_.damage) {
    case Line::Damage::none:
      break;
    case Line::Damage::too_long:
      report_.error(scope, line_.damaged_at, fmt::format("the line is longer than {} bytes", kMaxLineBytes),
                    "split the value over several lines with +=");
      break;
    case Line::Damage::nul_byte:
      report_.error(scope, line_.damaged_at, "the line holds a NUL byte");
      break;
    case Line::Damage::not_utf8:
      report_.error(scope, line_.damaged_at, "the line is not valid UTF-8");
      break;
  }
}

void EntryReader::damage_entry(Where where, std::string text, std::string hint) {
  damaged_ = true;
  report_.error(in_defaults_ ? Scope::configuration : Scope::service, where, std::move(text), std::move(hint));
}

}  // namespace reeve
