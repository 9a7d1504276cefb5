#include "base/printable.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace reeve {
namespace {

struct Case {
  std::string text, shown, json;
};

TEST(Printable, ShowsTextsAndReplacesTheRest) {
  const std::string nul(1, '\0');
  const Case cases[] = {
      {"", "", R"("")"},
      {"plain", "plain", R"("plain")"},
      {"grüße €", "grüße €", R"("grüße €")"},
      {"a\nb\tc\r", "a?b?c?", R"("a\nb\tc\u000d")"},
      {"\033[2J", "?[2J", R"("\u001b[2J")"},
      {nul, "?", R"("\u0000")"},
      {"\x7f", "?", R"("\u007f")"},
      {"say \"\\\"", "say \"\\\"", R"("say \"\\\"")"},
      {"\xc2\x9b", "?", R"("\u009b")"},  // a control sequence introducer in one character
      {"\xe2\x80\xae"
       "exe",
       "?exe", R"("\u202eexe")"},  // right to left from here
      {"\xff", "?", "\"\xef\xbf\xbd\""},
      {"\xc0\x80", "??", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                   // NUL in overlong form
      {"\xed\xa0\x80", "???", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},  // a surrogate
      {"\xf4\x90\x80\x80", "????", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
      {"\xe2\x82", "??", "\"\xef\xbf\xbd\xef\xbf\xbd\""},  // ends too early
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
  };
  for (const Case& it : cases) {
    EXPECT_EQ(printable(it.text), it.shown) << it.json;
    EXPECT_EQ(json_string(it.text), it.json);
  }
}

TEST(Printable, CutsBetweenCharacters) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abc...");
  EXPECT_EQ(printable("a\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 8), "a\xe2\x82\xac...");
  EXPECT_EQ(printable("abc", 2), "");
  EXPECT_EQ(printable("", 0), "");
}

TEST(Printable, HoldsItsPromisesForAnyBytes) {
  std::mt19937 random{7};
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& byte : text) byte = static_cast<char>(random());
    const std::size_t most = random() % 50;
    const std::string shown = printable(text, most);
    EXPECT_LE(shown.size(), most);
    EXPECT_EQ(printable(shown), shown) << "what is shown is printable";
    const std::string json = json_string(text);
    EXPECT_EQ(printable(json), json);
  }
}

}  // namespace
}  // namespace reeve
