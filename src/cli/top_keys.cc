#include "cli/top_keys.h"

#include <algorithm>
#include <string_view>

#include "base/address.h"
#include "base/printable.h"
#include "cli/spans.h"
#include "cli/top_rows.h"

namespace reeve {

namespace {

using Name = TopKey::Name;
using Mode = TopView::Mode;

constexpr std::string_view kUsualSpan = "1h";
constexpr std::string_view kOnlyLook = "you may only look: root and the group reeve may ban";

void edit(std::string& text, const TopKey& key) {
  if (key.name == Name::backspace) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
    if (!text.empty()) text.pop_back();
  } else if (key.name == Name::character && key.character >= 0x20 && key.character != 0x7f && key.character <= 0x10ffff) {
    if (text.size() < TopView::kMostTyped) append_utf8(text, key.character);
  }
}

void select(TopView& view, const TopRows& rows, std::size_t index) {
  if (rows.rows.empty()) return;
  PaneView& pane = view.here();
  pane.at = std::min(index, rows.rows.size() - 1);
  pane.selected = rows.rows[pane.at].key;
}

void move(TopView& view, const TopModel& model, Name name, std::size_t page) {
  const TopRows rows = rows_of(model, view);
  const std::size_t at = rows.selected, step = name == Name::page_up || name == Name::page_down ? std::max<std::size_t>(page, 1) : 1;
  if (name == Name::home) return select(view, rows, 0);
  if (name == Name::end) return select(view, rows, rows.rows.size());
  if (name == Name::up || name == Name::page_up) return select(view, rows, at > step ? at - step : 0);
  select(view, rows, at + step);
}

void sort_by(TopView& view, std::size_t column) {
  PaneView& pane = view.here();
  const std::vector<TopColumn>& columns = columns_of(view.pane);
  pane.sort = column % columns.size();
  pane.descending = columns[pane.sort].right;
  view.say("sorted by " + columns[pane.sort].title);
}

void show(TopView& view, std::size_t pane) {
  view.pane = static_cast<Pane>(pane % kPanes);
}

void begin_ban(TopView& view, const TopModel& model) {
  if (view.pane != Pane::sources) return view.say("select a source to ban: key 2 shows them", true);
  if (!model.counts() || !model.counts()->may_act) return view.say(std::string(kOnlyLook), true);
  const TopRows rows = rows_of(model, view);
  if (rows.rows.empty()) return view.say("there is nobody to ban", true);
  const std::string& source = rows.rows[rows.selected].key;
  const auto address = parse_address(source);
  if (!address || address->is_local()) return view.say(source + " has no address that could be banned", true);
  select(view, rows, rows.selected);  // it stays selected, wherever it moves
  view.subject = source;
  view.typed = kUsualSpan;
  view.mode = Mode::ban_span;
}

void begin_unban(TopView& view, const TopModel& model) {
  if (view.pane != Pane::bans) return view.say("select a ban to lift: key 3 shows them", true);
  if (!model.counts() || !model.counts()->may_act) return view.say(std::string(kOnlyLook), true);
  const TopRows rows = rows_of(model, view);
  if (rows.rows.empty()) return view.say("there is no ban to lift", true);
  select(view, rows, rows.selected);
  view.subject = rows.rows[rows.selected].key;
  view.mode = Mode::unban_confirm;
}

bool is_yes(const TopKey& key) noexcept {
  return key.name == Name::character && (key.character == U'y' || key.character == U'Y');
}

std::optional<std::int64_t> seconds_of(const std::string& span) {
  return span == "ever" ? std::nullopt : parse_span(span);
}

// Text is being typed, or a question is to be answered.
TopOrder answer(TopView& view, const TopKey& key) {
  const Mode mode = view.mode;
  if (mode == Mode::help || key.name == Name::escape) {
    if (mode == Mode::filter) view.filter.clear();
    if (mode != Mode::help && mode != Mode::filter) view.say("nothing was done");
    view.mode = Mode::browse;
    return {};
  }
  if (mode == Mode::filter) {
    if (key.name == Name::enter) view.mode = Mode::browse;
    edit(view.filter, key);
    return {};
  }
  if (mode == Mode::ban_span) {
    if (key.name != Name::enter) {
      edit(view.typed, key);
    } else if (view.typed == "ever" || parse_span(view.typed)) {
      view.mode = Mode::ban_confirm;
      view.say({});
    } else {
      view.say("`" + printable(view.typed, TopView::kMostTyped) + "` is no span of time: 90s, 30m, 2h, 1d, ever", true);
    }
    return {};
  }
  view.mode = Mode::browse;
  if (!is_yes(key)) {
    view.say("nothing was done");
    return {};
  }
  if (mode == Mode::unban_confirm) return {TopOrder::What::unban, view.subject, {}};
  return {TopOrder::What::ban, view.subject, seconds_of(view.typed)};
}

void pause(TopView& view, const TopModel& model) {
  if (view.paused) {
    view.paused.reset();
  } else {
    view.paused = model;
    view.say("paused: p goes on");
  }
}

TopOrder command(TopView& view, const TopModel& model, char32_t key) {
  PaneView& pane = view.here();
  switch (key) {
    case U'q':
      return {.what = TopOrder::What::quit};
    case U'?':
    case U'h':
      view.mode = Mode::help;
      break;
    case U'/':
      view.mode = Mode::filter;
      break;
    case U'1':
    case U'2':
    case U'3':
      show(view, key - U'1');
      break;
    case U's':
      sort_by(view, pane.sort + 1);
      break;
    case U'S':
      sort_by(view, pane.sort + columns_of(view.pane).size() - 1);
      break;
    case U'r':
      pane.descending = !pane.descending;
      break;
    case U'b':
      begin_ban(view, model);
      break;
    case U'u':
      begin_unban(view, model);
      break;
    case U'p':
    case U' ':
      pause(view, model);
      break;
    case U'k':
      move(view, model, Name::up, 1);
      break;
    case U'j':
      move(view, model, Name::down, 1);
      break;
    default:
      break;
  }
  return {};
}

}  // namespace

TopOrder press(TopView& view, const TopModel& model, const TopKey& key, std::size_t page) {
  if (view.mode != Mode::browse) return answer(view, key);
  view.say({});  // what was said of the last key has been read
  switch (key.name) {
    case Name::character:
      return command(view, model, key.character);
    case Name::tab:
      show(view, static_cast<std::size_t>(view.pane) + 1);
      break;
    case Name::back_tab:
      show(view, static_cast<std::size_t>(view.pane) + kPanes - 1);
      break;
    case Name::escape:
      view.filter.clear();
      break;
    case Name::enter:
    case Name::backspace:
      break;
    default:
      move(view, model, key.name, page);
  }
  return {};
}

}  // namespace reeve
