// ReloadReport: what a reload that somebody waits for has to say, until it is over and the engine is told.
//
// It travels as lines "KIND TAB text" in a memory file; the engine makes an answer of them. Kinds: note, warning, error
// (about the files or sockets); those of config/plan_text.h; result, the last one. Bound: kMostBytes, then a line says that
// the rest is missing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/message.h"
#include "base/unique_fd.h"
#include "config/plan_text.h"
#include "sys/message_socket.h"

namespace reeve {

class ReloadReport {
 public:
  static constexpr std::size_t kMostBytes = 1u << 20;

  void begin(const ReloadMessage& wanted);
  [[nodiscard]] bool is_awaited() const noexcept { return is_awaited_; }
  [[nodiscard]] const ReloadMessage& wanted() const noexcept { return wanted_; }

  // Nothing happens unless it is awaited.
  void add(std::string_view kind, std::string_view text);
  void add(const std::vector<PlanLine>& lines);
  // `bundle`: of the configuration that was planned for, nothing otherwise.
  void finish(MessageSocket& engine, bool done, std::string_view result, UniqueFd bundle);
  // Who waited is gone, with his engine.
  void forget() noexcept { is_awaited_ = false; }

 private:
  ReloadMessage wanted_;
  bool is_awaited_ = false;
  std::string text_;
};

}  // namespace reeve
