// TopView: how somebody looks at a TopModel: which pane, sorted and filtered how, and what is being typed. Changed by
// top_keys.h only; a value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/top_model.h"

namespace reeve {

enum class Pane : std::uint8_t { services, sources, bans };
constexpr std::size_t kPanes = 3;

struct PaneView {
  std::size_t sort = 0;  // a column
  bool descending = true;
  std::string selected{};  // the row's key; "": the first
  std::size_t at = 0;      // where it was: that place is selected when it is gone
};

struct TopView {
  enum class Mode : std::uint8_t { browse, filter, ban_span, ban_confirm, unban_confirm, help };
  static constexpr std::size_t kMostTyped = 60;

  Pane pane = Pane::services;
  std::array<PaneView, kPanes> panes{PaneView{.sort = 4}, PaneView{.sort = 2}, PaneView{.sort = 1, .descending = false}};
  std::string filter;
  Mode mode = Mode::browse;
  std::string typed;    // the span of a ban
  std::string subject;  // whom to ban or unban
  std::string message;  // what the last key came to
  bool message_is_bad = false;
  std::optional<TopModel> paused;  // as it was then

  [[nodiscard]] PaneView& here() noexcept { return panes[static_cast<std::size_t>(pane)]; }
  [[nodiscard]] const PaneView& here() const noexcept { return panes[static_cast<std::size_t>(pane)]; }
  void say(std::string text, bool is_bad = false) {
    message = std::move(text);
    message_is_bad = is_bad;
  }
};

}  // namespace reeve
