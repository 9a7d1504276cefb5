// EntryReader: from lines to the structure of a configuration file.
//
// Hands out what the file says, piece by piece: an entry begins, an attribute is set, the entry ends, a
// file is included. Damage costs at most the entry it stands in: after it, reading goes on at the next
// line that begins an entry. Structure only; what the attributes mean is the matter of attributes.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
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
  // Whoever only looks for includes or defaults need not pay for the assignments of services; the
  // structure found is the same.
  enum class Depth : std::uint8_t { everything, no_services, only_includes };

  EntryReader(std::string_view text, std::uint16_t file, Depth depth, Report& report);

  [[nodiscard]] std::optional<Piece> next();

 private:
  enum class State : std::uint8_t { outside, before_brace, inside, skipping };

  [[nodiscard]] std::optional<Line> next_line();
  [[nodiscard]] std::optional<Piece> read_outside(const Line& line);
  [[nodiscard]] std::optional<Piece> read_inside(const Line& line);
  [[nodiscard]] Piece begin_entry(const Line& line, Piece::Kind kind);
  [[nodiscard]] std::optional<Piece> directive(const Line& line, Piece::Kind kind);
  [[nodiscard]] std::optional<Piece> assignment(const Line& line);
  [[nodiscard]] Piece end_entry();
  void expect_brace(const Line& line);
  void report_damage(const Line& line);
  void damage_entry(Where where, std::string text, std::string hint = {});

  Lexer lexer_;
  Depth depth_;
  Report& report_;
  State state_ = State::outside;
  bool in_defaults_ = false;
  bool damaged_ = false;
  bool stray_ = false;  // the line before was stray, too
  Where entry_;
  std::optional<Line> pushed_back_;
  std::vector<Word> words_;
};

}  // namespace reeve
