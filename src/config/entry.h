// EntryReader: from lines to the structure of a configuration file.
//
// Hands out what the file says, piece by piece: an entry begins, an attribute is set, the entry ends, a
// file is included. Damage costs at most the entry it stands in: after it, reading goes on at the next
// line that begins an entry. Structure only; what the attributes mean is the matter of attributes.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/lexer.h"
#include "config/report.h"

namespace reeve {

enum class Operator : std::uint8_t { assign, add, remove };

[[nodiscard]] std::string_view to_text(Operator op) noexcept;

struct Assignment {
  Word name;
  Operator op = Operator::assign;
  std::span<const Word> values;
};

struct Piece {
  enum class Kind : std::uint8_t {
    service_begins,  // word: its name (empty when missing)
    defaults_begins,
    assignment,
    entry_ends,  // `damaged`: part of the entry could not be read
    include,     // word: the path
    include_directory,
  } kind = Kind::assignment;
  Where where;  // of the keyword
  Word word;
  Assignment assignment;  // valid until the next piece is read
  bool damaged = false;
};

class EntryReader {
 public:
  // Whoever only looks for includes or defaults need not pay for the rest: what is not looked for is passed
  // over unread, entries without their end, and nothing is reported of it.
  enum class Depth : std::uint8_t { everything, no_services, only_includes };

  EntryReader(std::string_view text, std::uint16_t file, Depth depth, Report& report);

  // nullptr at the end of the text; valid until the next call.
  [[nodiscard]] const Piece* next();

 private:
  enum class State : std::uint8_t { outside, before_brace, inside, skipping };

  [[nodiscard]] bool next_line();
  [[nodiscard]] const Piece* read_outside();
  [[nodiscard]] const Piece* read_inside();
  [[nodiscard]] const Piece* begin_entry(Piece::Kind kind);
  [[nodiscard]] const Piece* directive(Piece::Kind kind);
  [[nodiscard]] const Piece* assignment();
  [[nodiscard]] const Piece* end_entry();
  [[nodiscard]] const Piece* give(Piece::Kind kind, Where where, Word word);
  void expect_brace();
  void report_damage();
  void damage_entry(Where where, std::string text, std::string hint = {});

  Lexer lexer_;
  Depth depth_;
  Report& report_;
  State state_ = State::outside;
  bool in_defaults_ = false;
  bool damaged_ = false;
  bool stray_ = false;  // the line before was stray, too
  bool again_ = false;  // line_ ended an entry and has to be read outside of it
  Where entry_;
  Line line_;
  Piece piece_;
  std::vector<Word> words_;
};

}  // namespace reeve
