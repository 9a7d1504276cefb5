// The parts of config/unit_*: settings, words, values.
#include "config/unit_file.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/entry_text.h"
#include "config/unit_values.h"
#include "config/unit_words.h"

namespace reeve {
namespace {

struct Read {
  UnitFile file;
  std::vector<Diagnostic> problems;
};

Read read(std::string_view text) {
  Read done;
  done.file.read(text, 0, done.problems);
  return done;
}

TEST(UnitFile, HoldsSettingsOfSections) {
  Read unit = read("# comment\n; another\n[Socket]\r\n ListenStream = 21 \nListenStream=22\n[Service]\nUser=x\n");
  EXPECT_TRUE(unit.problems.empty());
  ASSERT_EQ(unit.file.all("Socket", "ListenStream").size(), 2U);
  EXPECT_EQ(unit.file.all("Socket", "ListenStream")[0]->value, "21");
  EXPECT_EQ(unit.file.all("Socket", "ListenStream")[0]->where.line, 4U);
  EXPECT_EQ(unit.file.last("Socket", "User"), nullptr);
  EXPECT_EQ(unit.file.last("Service", "User")->value, "x");
}

TEST(UnitFile, AnEmptyValueTakesBackWhatWasSaid) {
  Read unit = read("[Socket]\nListenStream=21\nListenStream=\nListenStream=22\n");
  ASSERT_EQ(unit.file.all("Socket", "ListenStream").size(), 1U);
  EXPECT_EQ(unit.file.last("Socket", "ListenStream")->value, "22");
}

TEST(UnitFile, ABackslashGoesOnInTheNextLineAndCommentsBetweenAreSkipped) {
  Read unit = read("[Service]\nExecStart=/bin/cat a \\\n# b\n  c\\\nd\nUser=x\n");
  EXPECT_EQ(unit.file.last("Service", "ExecStart")->value, "/bin/cat a    c d");
  EXPECT_EQ(unit.file.last("Service", "User")->where.line, 6U);
}

TEST(UnitFile, SaysWhatItCannotRead) {
  EXPECT_EQ(read("Key=1\n[S]\nnonsense\nk\x01=2\n=3\n").problems.size(), 4U);
}

TEST(UnitFile, KnowsWhatNobodyAskedFor) {
  Read unit = read("[S]\nA=1\nB=2\nX-C=3\nD=\n[X-E]\nF=1\n");
  (void)unit.file.last("S", "A");
  ASSERT_EQ(unit.file.unheard().size(), 1U);
  EXPECT_EQ(unit.file.unheard()[0]->key, "B");
}

std::string words(std::string_view text) {
  const auto split = split_unit_words(text);
  if (!split) return "error: " + split.error().what;
  std::string all;
  for (const UnitWord& word : *split) all += '<' + word.text + '>';
  return all;
}

TEST(UnitWords, AreSplitAsSystemdDoes) {
  EXPECT_EQ(words(" a  b\t"), "<a><b>");
  EXPECT_EQ(words("'a b' \"c 'd\" e\"f g\"h"), "<a b><c 'd><ef gh>");
  EXPECT_EQ(words(R"(a\x20b \s \\ \101 \u00e9 "\"")"), "<a b>< ><\\><A><\xc3\xa9><\">");
  EXPECT_EQ(words("''"), "<>");
  EXPECT_EQ(words("'a"), "error: a quote is not closed");
  EXPECT_EQ(words(R"(\q)"), "error: `\\q` begins no escape");
  EXPECT_EQ(words(R"(a\)"), "error: `\\` begins no escape");
  EXPECT_FALSE((*split_unit_words("';'"))[0].is_plain);
  EXPECT_TRUE((*split_unit_words(";"))[0].is_plain);
}

TEST(UnitWords, SpecifiersThatAreKnownBeforeTheUnitRunsAreReplaced) {
  const UnitFacts facts{.name = "ftp", .suffix = ".service", .is_template = true};
  EXPECT_EQ(*expand_specifiers("a%%b %p %t 100%", facts), "a%b ftp /run 100%");
  EXPECT_FALSE(expand_specifiers("%i", facts));
  EXPECT_FALSE(expand_specifiers("%H", facts));
  EXPECT_EQ(*expand_specifiers("%n%i", {.name = "ftp", .suffix = ".service"}), "ftp.service");
}

TEST(UnitWords, VariablesOfTheUnitAreReplaced) {
  const UnitFacts facts{.variables = {{"A", "1 2"}, {"E", ""}}};
  EXPECT_EQ(*expand_variables("x${A}y$$A", facts), (std::vector<std::string>{"x1 2y$A"}));
  EXPECT_EQ(*expand_variables("$A", facts), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(*expand_variables("$E", facts), (std::vector<std::string>{}));
  EXPECT_EQ(*expand_variables("a$A", facts), (std::vector<std::string>{"a$A"})) << "only a word of its own";
  EXPECT_FALSE(expand_variables("$B", facts));
  EXPECT_FALSE(expand_variables("${B}", facts));
}

TEST(UnitWords, WhatIsWrittenIsReadAgain) {
  for (const std::string_view text :
       {"plain", "with blank", "\"", "'", "\\", "$", "$A", "${A}", "$$", "%", "%i", ";", "a\tb", "", "\xc3\xa9", "a\x01z", "#", "=", "-"}) {
    const auto split = split_unit_words(unit_argument(text));
    ASSERT_TRUE(split && split->size() == 1) << text;
    EXPECT_FALSE((*split)[0].is_plain && (*split)[0].text == ";");
    const auto expanded = expand_specifiers((*split)[0].text, {});
    ASSERT_TRUE(expanded) << text;
    const auto values = expand_variables(*expanded, {});
    ASSERT_TRUE(values && values->size() == 1) << text;
    EXPECT_EQ(values->front(), text);
  }
}

TEST(UnitValues, AreReadAsSystemdDoes) {
  EXPECT_EQ(parse_unit_bool("On"), true);
  EXPECT_EQ(parse_unit_bool("0"), false);
  EXPECT_EQ(parse_unit_bool("perhaps"), std::nullopt);
  EXPECT_EQ(parse_unit_time("2s"), 2'000'000U);
  EXPECT_EQ(parse_unit_time("1min 30s"), 90'000'000U);
  EXPECT_EQ(parse_unit_time("5"), 5'000'000U);
  EXPECT_EQ(parse_unit_time("500ms"), 500'000U);
  EXPECT_EQ(parse_unit_time("0"), 0U);
  EXPECT_EQ(parse_unit_time("infinity"), UINT64_MAX);
  for (const char* text : {"", "x", "1parsec", "99999999999999999999h", "-1s"}) EXPECT_EQ(parse_unit_time(text), std::nullopt) << text;
  EXPECT_EQ(parse_unit_size("16M"), 16U << 20);
  EXPECT_EQ(parse_unit_size("4096"), 4096U);
  EXPECT_EQ(parse_unit_size("16E"), std::nullopt);
  EXPECT_EQ(parse_unit_size("x"), std::nullopt);
}

TEST(UnitValues, AddressesOfSockets) {
  EXPECT_EQ(parse_unit_address("21")->port, 21);
  EXPECT_EQ(parse_unit_address("127.0.0.1:21")->address, "127.0.0.1");
  EXPECT_TRUE(parse_unit_address("127.0.0.1:21")->is_v4);
  EXPECT_EQ(parse_unit_address("[fe80::1%eth0]:21")->address, "fe80::1%eth0");
  EXPECT_EQ(parse_unit_address("/run/x")->path, "/run/x");
  EXPECT_EQ(parse_unit_address("@x")->path, "@x");
  for (const char* text : {"", "0", "65536", "x", "vsock:2:1", "[127.0.0.1]:1", "::1:21", "1.2.3:4", "[::1]", "/", ":1"})
    EXPECT_FALSE(parse_unit_address(text)) << text;
}

TEST(EntryText, WordsAreWhatAValueCanHold) {
  EXPECT_TRUE(is_word("a=b#"));
  EXPECT_TRUE(is_word("\xc3\xa9"));
  for (const std::string_view text : {"", "a b", "a\tb", "a\n", "a\x01", "\xff"}) EXPECT_FALSE(is_word(text));
}

}  // namespace
}  // namespace reeve
