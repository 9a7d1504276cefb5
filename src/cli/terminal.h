// Terminal: a full screen to draw on and keys to read, by ncurses. Used by `reeve top` only; one at a time.
//
// The terminal is as before when this is destroyed, also when the process ends by SIGINT or SIGTERM. Without colours, or with
// NO_COLOR, styles are told by bold, reverse and underline.
#pragma once

#include <memory>
#include <optional>

#include "cli/top_keys.h"
#include "cli/top_layout.h"

namespace reeve {

class Terminal {
 public:
  // nullptr: standard input or output is no terminal, or one that can't do it (TERM).
  [[nodiscard]] static std::unique_ptr<Terminal> open(bool colour);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] TopSize size() const noexcept;
  void draw(const TopScreen& screen);
  // The next key that was pressed; nullopt: none, or one that means nothing. Call until is_drained.
  [[nodiscard]] std::optional<TopKey> read_key();
  [[nodiscard]] bool is_drained() const noexcept { return drained_; }

 private:
  explicit Terminal(bool unicode) noexcept : unicode_(unicode) {}

  bool unicode_;
  bool colour_ = false;
  bool drained_ = false;
};

}  // namespace reeve
