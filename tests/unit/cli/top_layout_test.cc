#include "cli/top_layout.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "base/printable.h"
#include "cli/cell_text.h"
#include "cli/top_keys.h"
#include "cli/top_rows.h"

namespace reeve {
namespace {

using std::chrono::milliseconds;
using Name = TopKey::Name;

constexpr std::string_view kNasty =
    "\x1b[2J\r\n\x07\xff\xc0\x80 \xe2\x80\xae \xcc\x81 \xef\xbb\xbf \xf0\x9f\x92\xa9 \xe6\xbc\xa2\xe5\xad\x97";

TopModel a_model(std::size_t many = 3) {
  Counts counts;
  counts.may_act = true;
  counts.version = "0.1.0";
  counts.services = many;
  counts.bans = 2;
  TopModel model;
  for (int second = 1; second <= 120; ++second) {
    counts.at = milliseconds(second * 1000);
    counts.admitted += static_cast<std::uint64_t>(second);
    counts.refused += second % 7 == 0 ? 5u : 0u;
    counts.items.emplace();
    for (std::size_t each = 0; each < many; ++each) {
      counts.items->push_back({"service-" + std::to_string(each), each % 2 == 0 ? "open" : "resting", each, counts.admitted * each,
                               counts.refused * (many - each), each == 1 ? "per_source" : ""});
    }
    model.take(counts);
  }
  model.take(Happenings{.next = 3,
                        .records = 3,
                        .visits = {{"10.0.0.10", "service-1", "ban"},
                                   {"10.0.0.9", "service-2", ""},
                                   {"2001:db8:1111:2222:3333:4444:5555:6666", "service-2", ""},
                                   {"uid:1000", "service-2", ""}}},
             std::nullopt);
  model.take(BanPage{2, {{"192.0.2.0/24", "reeve top", 90, 5, 3}, {"198.51.100.7", "sensor trap", std::nullopt, 500, 1}}});
  return model;
}

TopModel a_nasty_model() {
  TopModel model;
  Counts counts;
  counts.version = kNasty;
  counts.services = 40;
  counts.items.emplace();
  for (int each = 0; each < 40; ++each) {
    counts.items->push_back({std::string(kNasty) + std::to_string(each) + std::string(300, 'x'), std::string(kNasty), UINT64_MAX,
                             UINT64_MAX, UINT64_MAX, std::string(kNasty)});
  }
  model.take(counts);
  model.take(Happenings{.next = 9, .records = 1, .visits = {{std::string(kNasty), std::string(kNasty), std::string(kNasty)}}},
             std::nullopt);
  model.take(BanPage{UINT64_MAX, {{std::string(kNasty), std::string(kNasty), INT64_MAX, INT64_MAX, UINT64_MAX}}});
  model.lose(std::string(kNasty) + std::string(1000, 'y'));
  return model;
}

// What a terminal would show; fails where it would do anything else.
std::vector<std::string> shown(const TopScreen& screen, const TopSize& size) {
  std::vector<std::string> lines;
  EXPECT_LE(screen.lines.size(), size.lines);
  for (const TopLine& line : screen.lines) {
    std::string text;
    for (const TopSpan& span : line) text += span.text;
    std::size_t cells = 0;
    for (std::string_view left = text; !left.empty();) {
      const Utf8Character character = first_character(left);
      EXPECT_TRUE(character.printable) << text;
      EXPECT_TRUE(size.unicode || character.bytes == 1) << text;
      cells += left.substr(0, character.bytes) == "\xe6\xbc\xa2" || left.substr(0, character.bytes) == "\xe5\xad\x97" ? 2u : 1u;
      left.remove_prefix(character.bytes);
    }
    EXPECT_LE(cells, size.columns) << text;
    lines.push_back(std::move(text));
  }
  return lines;
}

std::string all_of(const TopModel& model, const TopView& view, TopSize size = {}) {
  std::string text;
  for (const std::string& line : shown(lay_out(model, view, size), size)) text += line + "\n";
  return text;
}

bool has(const std::string& text, std::string_view wanted) {
  return text.find(wanted) != std::string::npos;
}

void type(TopView& view, const TopModel& model, std::string_view text) {
  for (const char letter : text) press(view, model, {Name::character, static_cast<char32_t>(letter)}, 10);
}

TopOrder key(TopView& view, const TopModel& model, Name name) {
  return press(view, model, {name}, 10);
}

TEST(CellTextTest, Widths) {
  EXPECT_EQ(cell_text("abc", 3, false).text, "abc");
  EXPECT_EQ(cell_text("abcd", 3, false).text, "ab~");
  EXPECT_EQ(cell_text("abcd", 0, false).text, "");
  EXPECT_EQ(cell_text("über", 9, true).cells, 4u);
  EXPECT_EQ(cell_text("über", 9, false).text, "?ber");
  EXPECT_EQ(cell_text("漢字", 9, true).cells, 4u);
  EXPECT_EQ(cell_text("漢字", 3, true).text, "漢~");
  EXPECT_EQ(cell_text("漢字", 2, true).text, "~");
  EXPECT_EQ(cell_text("e\xcc\x81\x1b\xff\xf0\x9f\x92\xa9", 9, true).text, "e????") << "marks, controls, broken bytes, pictures";
  EXPECT_EQ(cell_field("漢", 4, false, true), "漢  ");
  EXPECT_EQ(cell_field("12", 4, true, true), "  12");
}

TEST(TopLayoutTest, FitsEveryScreen) {
  for (const TopModel& model : {a_model(), a_model(500), a_nasty_model(), TopModel()}) {
    for (std::size_t pane = 0; pane < kPanes; ++pane) {
      for (const auto mode : {TopView::Mode::browse, TopView::Mode::filter, TopView::Mode::ban_span, TopView::Mode::ban_confirm,
                              TopView::Mode::unban_confirm, TopView::Mode::help}) {
        TopView view{.pane = static_cast<Pane>(pane), .mode = mode, .typed = std::string(kNasty), .subject = std::string(kNasty)};
        view.say(std::string(kNasty));
        for (const TopSize size : {TopSize{24, 80, true},
                                   {24, 80, false},
                                   {10, 40, true},
                                   {60, 200, true},
                                   {60, 200, false},
                                   {1, 1, true},
                                   {2, 3, true},
                                   {3, 200, true},
                                   {7, 33, false},
                                   {100, 12, true},
                                   {0, 80, true},
                                   {24, 0, true}})
          shown(lay_out(model, view, size), size);
      }
    }
  }
  for (std::size_t lines = 0; lines < 30; ++lines) {
    for (std::size_t columns = 0; columns < 100; ++columns) {
      const TopSize size{lines, columns, columns % 2 == 0};
      shown(lay_out(a_nasty_model(), {}, size), size);
    }
  }
}

TEST(TopLayoutTest, AnOrdinaryScreenHoldsAll) {
  const std::string text = all_of(a_model(), {});
  EXPECT_EQ(std::ranges::count(text, '\n'), 24);
  for (const char* wanted : {"reeve top", "live", "admitted/s", "refused/s", "peak", "[1 services 3]", "2 sources 4", "3 bans 2",
                             "LAST REFUSAL", "service-2", "resting", "per_source", "▼REF/S", "q quit", "u unban", "p pause"})
    EXPECT_TRUE(has(text, wanted)) << wanted << "\n" << text;
}

TEST(TopLayoutTest, NarrowScreensLeaveOutWhatMattersLeast) {
  const std::string text = all_of(a_model(), {}, {10, 40, true});
  EXPECT_TRUE(has(text, "SERVICE") && has(text, "▼REF/S") && has(text, "ADM/S")) << text;
  EXPECT_FALSE(has(text, "ADMITTED")) << text;
  TopView sources{.pane = Pane::sources};
  const std::string wide = all_of(a_model(), sources, {24, 80, true});
  EXPECT_TRUE(has(wide, "2001:db8:1111:2222:3333:4444:5555:6666")) << wide;
}

TEST(TopLayoutTest, BansWithTheTimeThatIsLeft) {
  const std::string text = all_of(a_model(), {.pane = Pane::bans});
  EXPECT_TRUE(has(text, "1m30s") && has(text, "for ever") && has(text, "sensor trap")) << text;
  EXPECT_LT(text.find("192.0.2.0/24"), text.find("198.51.100.7")) << "those that end first are first";
  TopModel many = a_model();
  many.take(BanPage{5000, {{"192.0.2.1"}}});
  EXPECT_TRUE(has(all_of(many, {.pane = Pane::bans}), "1 of 5000 bans"));
}

TEST(TopLayoutTest, ADaemonThatIsGoneIsSaid) {
  TopModel model = a_model();
  model.lose("nobody listens there");
  const std::string text = all_of(model, {});
  EXPECT_TRUE(has(text, "NO DAEMON") && has(text, "the daemon is gone: nobody listens there; trying again every second")) << text;
  EXPECT_TRUE(has(text, "service-1")) << "what was known stays";
}

TEST(TopLayoutTest, TheSelectedRowIsOnTheScreen) {
  const TopModel model = a_model(500);
  TopView view;
  for (int each = 0; each < 70; ++each) key(view, model, Name::down);
  const TopScreen screen = lay_out(model, view, {});
  const auto selected =
      std::ranges::find_if(screen.lines, [](const TopLine& line) { return !line.empty() && line[0].style == TopStyle::selected; });
  ASSERT_NE(selected, screen.lines.end());
  EXPECT_TRUE(has((*selected)[0].text, view.here().selected));
}

TEST(TopRowsTest, SortedAsAsked) {
  const TopModel model = a_model();
  TopView view;
  const auto keys = [&] {
    std::vector<std::string> found;
    for (const TopRow& row : rows_of(model, view).rows) found.push_back(row.key);
    return found;
  };
  EXPECT_EQ(keys(), (std::vector<std::string>{"service-0", "service-1", "service-2"})) << "most refused first";
  type(view, model, "r");
  EXPECT_EQ(keys().front(), "service-2");
  type(view, model, "SS");  // RUN
  EXPECT_EQ(keys().front(), "service-2");
  view.pane = Pane::sources;
  view.here() = {.sort = 0, .descending = false};
  EXPECT_EQ(keys()[0], "10.0.0.9") << "numbers in addresses count as numbers";
  EXPECT_EQ(keys()[1], "10.0.0.10");
}

TEST(TopRowsTest, Figures) {
  EXPECT_EQ(rate_text(0.04), "0");
  EXPECT_EQ(rate_text(0.4), "0.4");
  EXPECT_EQ(rate_text(99.94), "99.9");
  EXPECT_EQ(rate_text(99.96), "100");
  EXPECT_EQ(rate_text(12'345), "12k");
  EXPECT_EQ(rate_text(3'400'000), "3.4M");
  EXPECT_EQ(count_text(99'999), "99999");
  EXPECT_EQ(count_text(123'456), "123k");
}

TEST(TopKeysTest, Filter) {
  const TopModel model = a_model();
  TopView view;
  type(view, model, "/RESTq");
  EXPECT_EQ(rows_of(model, view).rows.size(), 0u);
  key(view, model, Name::backspace);
  EXPECT_EQ(rows_of(model, view).rows.size(), 1u) << "by any cell, whatever the case";
  key(view, model, Name::enter);
  EXPECT_EQ(view.filter, "REST");
  EXPECT_EQ(press(view, model, {Name::character, U'q'}, 10).what, TopOrder::What::quit);
  key(view, model, Name::escape);
  EXPECT_EQ(view.filter, "");
  press(view, model, {Name::character, U'/'}, 10);
  press(view, model, {Name::character, U'字'}, 10);
  EXPECT_EQ(view.filter, "字");
  key(view, model, Name::backspace);
  EXPECT_EQ(view.filter, "");
  for (int each = 0; each < 500; ++each) type(view, model, "x");
  EXPECT_EQ(view.filter.size(), TopView::kMostTyped);
}

TEST(TopKeysTest, ABanIsAskedForTwice) {
  const TopModel model = a_model();
  TopView view{.pane = Pane::sources, .filter = "10.0.0.9"};
  type(view, model, "b");
  EXPECT_EQ(view.mode, TopView::Mode::ban_span);
  EXPECT_EQ(key(view, model, Name::enter).what, TopOrder::What::nothing);
  EXPECT_TRUE(has(all_of(model, view), "shut 10.0.0.9 out of all services for 1h? (y/n)"));
  const TopOrder order = press(view, model, {Name::character, U'y'}, 10);
  EXPECT_EQ(order.what, TopOrder::What::ban);
  EXPECT_EQ(order.prefix, "10.0.0.9");
  EXPECT_EQ(order.seconds, 3600);
  type(view, model, "b");
  for (int each = 0; each < 3; ++each) key(view, model, Name::backspace);
  type(view, model, "soon");
  key(view, model, Name::enter);
  EXPECT_EQ(view.mode, TopView::Mode::ban_span) << "no span of time";
  for (int each = 0; each < 4; ++each) key(view, model, Name::backspace);
  type(view, model, "ever");
  key(view, model, Name::enter);
  EXPECT_EQ(press(view, model, {Name::character, U'y'}, 10).seconds, std::nullopt);
  type(view, model, "b");
  key(view, model, Name::enter);
  EXPECT_EQ(press(view, model, {Name::character, U'n'}, 10).what, TopOrder::What::nothing);
  EXPECT_EQ(view.mode, TopView::Mode::browse);
  type(view, model, "b");
  key(view, model, Name::escape);
  EXPECT_EQ(view.mode, TopView::Mode::browse);
}

TEST(TopKeysTest, WhoIsNoAddressCannotBeBanned) {
  const TopModel model = a_model();
  TopView view{.pane = Pane::sources, .filter = "uid:"};
  type(view, model, "b");
  EXPECT_EQ(view.mode, TopView::Mode::browse);
  EXPECT_TRUE(view.message_is_bad);
  view.filter = "nothing has this";
  type(view, model, "b");
  EXPECT_EQ(view.mode, TopView::Mode::browse);
  view = {};
  type(view, model, "b");
  EXPECT_EQ(view.mode, TopView::Mode::browse) << "no service can be banned";
}

TEST(TopKeysTest, WhoMayOnlyLookIsTold) {
  TopModel model = a_model();
  Counts counts = *model.counts();
  counts.may_act = false;
  model.take(counts);
  for (const auto& [pane, letter] : {std::pair(Pane::sources, "b"), std::pair(Pane::bans, "u")}) {
    TopView view{.pane = pane};
    type(view, model, letter);
    EXPECT_EQ(view.mode, TopView::Mode::browse);
    EXPECT_TRUE(has(view.message, "may only look"));
  }
}

TEST(TopKeysTest, UnbanTheSelectedOne) {
  const TopModel model = a_model();
  TopView view{.pane = Pane::bans};
  key(view, model, Name::down);
  type(view, model, "u");
  EXPECT_EQ(press(view, model, {Name::character, U'n'}, 10).what, TopOrder::What::nothing);
  type(view, model, "u");
  const TopOrder order = press(view, model, {Name::character, U'y'}, 10);
  EXPECT_EQ(order.what, TopOrder::What::unban);
  EXPECT_EQ(order.prefix, "198.51.100.7");
}

TEST(TopKeysTest, TheSelectionStaysWithItsRow) {
  TopModel model = a_model();
  TopView view;
  key(view, model, Name::down);
  EXPECT_EQ(view.here().selected, "service-1");
  type(view, model, "r");
  EXPECT_EQ(rows_of(model, view).rows[rows_of(model, view).selected].key, "service-1");
  Counts counts = *model.counts();
  counts.items = {{"service-0"}, {"service-2"}};
  model.take(counts);
  EXPECT_EQ(rows_of(model, view).selected, 1u) << "where it was";
  key(view, model, Name::end);
  key(view, model, Name::page_up);
  EXPECT_EQ(rows_of(model, view).selected, 0u);
}

TEST(TopKeysTest, APictureThatIsPausedStands) {
  TopModel model = a_model();
  TopView view;
  type(view, model, "p");
  Counts counts = *model.counts();
  counts.items = {{"another"}};
  model.take(counts);
  EXPECT_TRUE(has(all_of(model, view), "PAUSED"));
  EXPECT_FALSE(has(all_of(model, view), "another"));
  press(view, *view.paused, {Name::character, U'p'}, 10);
  EXPECT_TRUE(has(all_of(model, view), "another"));
}

TEST(TopKeysTest, PanesAndHelp) {
  const TopModel model = a_model();
  TopView view;
  key(view, model, Name::back_tab);
  EXPECT_EQ(view.pane, Pane::bans);
  key(view, model, Name::tab);
  EXPECT_EQ(view.pane, Pane::services);
  type(view, model, "2?");
  EXPECT_TRUE(has(all_of(model, view), "any key goes back"));
  type(view, model, "q");
  EXPECT_EQ(view.mode, TopView::Mode::browse);
  for (char32_t code = 0; code < 0x200; ++code) press(view, model, {Name::character, code}, 0);
}

}  // namespace
}  // namespace reeve
