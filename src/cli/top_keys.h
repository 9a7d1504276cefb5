// What keys do in `reeve top`: each changes the view, and some come to an order for whoever holds the connection. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/top_view.h"

namespace reeve {

// A key: a character, or one of these.
struct TopKey {
  enum class Name : std::uint8_t { character, up, down, page_up, page_down, home, end, enter, escape, backspace, tab, back_tab };
  Name name = Name::character;
  char32_t character = 0;
};

struct TopOrder {
  enum class What : std::uint8_t { nothing, quit, ban, unban };
  What what = What::nothing;
  std::string prefix;
  std::optional<std::int64_t> seconds;  // of a ban; nullopt: for ever
};

// `model` is what is shown (the paused one, while it is); `page` how many rows are.
TopOrder press(TopView& view, const TopModel& model, const TopKey& key, std::size_t page);

}  // namespace reeve
