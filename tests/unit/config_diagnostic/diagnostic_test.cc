#include "config/diagnostic.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "config/bundle.h"

namespace reeve {
namespace {

Bundle one_file(std::string text, std::string path = "/etc/x.conf") {
  Bundle bundle;
  bundle.files.push_back({std::move(path), std::move(text)});
  return bundle;
}

Diagnostic at(std::uint32_t line, std::uint16_t column, std::string text, std::string hint = {}) {
  return {.where = {.line = line, .column = column}, .text = std::move(text), .hint = std::move(hint)};
}

TEST(LogText, NamesFileAndLine) {
  const Bundle bundle = one_file("");
  EXPECT_EQ(log_text(at(7, 3, "unknown attribute"), bundle), "unknown attribute [file=/etc/x.conf] [line=7]");
  EXPECT_EQ(log_text(at(7, 3, "unknown attribute", "did you mean `cps`?"), bundle),
            "unknown attribute: did you mean `cps`? [file=/etc/x.conf] [line=7]");
  EXPECT_EQ(log_text(at(0, 0, "nothing to do"), bundle), "nothing to do");
}

TEST(LogText, StaysOneShortLineWhateverTheFileSays) {
  const Bundle bundle = one_file("", "/tmp/\033[31m\n" + std::string(5000, 'p'));
  const std::string text = log_text(at(1, 1, "bad value \n\033]0;" + std::string(5000, 'v')), bundle);
  EXPECT_LE(text.size(), 1000u);
  EXPECT_TRUE(text.ends_with("] [line=1]")) << text;
  EXPECT_EQ(text.find_first_of("\n\033"), std::string::npos);
}

TEST(CaretText, PointsAtTheWord) {
  const Bundle bundle = one_file("service x\n{\n\tonly_form = 10.0.0.0/8\n}\n");
  EXPECT_EQ(caret_text(at(3, 2, "unknown attribute `only_form`", "did you mean `only_from`?"), bundle, false),
            "/etc/x.conf:3:2: error: unknown attribute `only_form`\n"
            "    3 | \tonly_form = 10.0.0.0/8\n"
            "      | \t^~~~~~~~~\n"
            "      = did you mean `only_from`?\n");
}

TEST(CaretText, HasColourOnlyWhenAsked) {
  const Bundle bundle = one_file("x\n");
  EXPECT_EQ(caret_text(at(1, 1, "t", "h"), bundle, false).find('\033'), std::string::npos);
  EXPECT_NE(caret_text(at(1, 1, "t", "h"), bundle, true).find('\033'), std::string::npos);
}

TEST(CaretText, CopesWithEveryPlace) {
  struct Case {
    const char* what;
    std::string source;
    std::uint32_t line;
    std::uint16_t column;
    std::string shown;
  };
  const Case cases[] = {
      {"nowhere", "abc\n", 0, 0, "reeve: error: t\n"},
      {"whole line", "abc\n", 1, 0, "/etc/x.conf:1: error: t\n    1 | abc\n"},
      {"behind the end", "abc\n", 1, 4, "/etc/x.conf:1:4: error: t\n    1 | abc\n      |    ^\n"},
      {"far behind the end", "abc\n", 1, 900, "/etc/x.conf:1:900: error: t\n    1 | abc\n      |    ^\n"},
      {"no such line", "abc\n", 9, 1, "/etc/x.conf:9:1: error: t\n"},
      {"no newline at the end", "a\nbc", 2, 1, "/etc/x.conf:2:1: error: t\n    2 | bc\n      | ^~\n"},
      {"CR LF", "a\r\nbc d\r\n", 2, 4, "/etc/x.conf:2:4: error: t\n    2 | bc d\n      |    ^\n"},
      {"characters before it", "gr\xc3\xbc\xc3\x9f x\n", 1, 8, "/etc/x.conf:1:8: error: t\n    1 | gr\xc3\xbc\xc3\x9f x\n      |      ^\n"},
      {"control characters", "a\033[m b\n", 1, 6, "/etc/x.conf:1:6: error: t\n    1 | a?[m b\n      |      ^\n"},
      {"malformed bytes", "\xff\xfe b\n", 1, 4, "/etc/x.conf:1:4: error: t\n    1 | ?? b\n      |    ^\n"},
      {"an empty line", "\n\n", 2, 1, "/etc/x.conf:2:1: error: t\n"},
  };
  for (const Case& it : cases) EXPECT_EQ(caret_text(at(it.line, it.column, "t"), one_file(it.source), false), it.shown) << it.what;
}

TEST(CaretText, CutsLongLinesAroundTheCaret) {
  const Bundle bundle = one_file(std::string(3000, 'a') + " wrong " + std::string(3000, 'b'));
  const std::string shown = caret_text(at(1, 3002, "t"), bundle, false);
  const std::size_t line = shown.find("    1 | ") + 8;
  const std::size_t marks = shown.find("      | ") + 8;
  EXPECT_LT(shown.size(), 400u);
  EXPECT_EQ(shown.substr(line, 3), "...");
  EXPECT_EQ(shown.find("wrong") - line, shown.find('^') - marks);
  EXPECT_EQ(shown.substr(shown.find('^')), "^~~~~\n");
}

TEST(CaretText, KeepsAnyBytesHarmless) {
  std::mt19937 random{11};
  for (int round = 0; round < 2000; ++round) {
    std::string source(random() % 400, '\0');
    for (char& byte : source) byte = static_cast<char>(random() % 3 == 0 ? ' ' : random());
    const Bundle bundle = one_file(source, source.substr(0, 10));
    const std::string shown = caret_text(
        at(static_cast<std::uint32_t>(1 + random() % 3), static_cast<std::uint16_t>(random() % 500), source, source), bundle, false);
    for (const char byte : shown) ASSERT_TRUE(byte == '\n' || byte == '\t' || static_cast<unsigned char>(byte) >= 0x20) << round;
    ASSERT_TRUE(shown.ends_with('\n'));
  }
}

TEST(CaretText, OfManyIsLinearInTheFile) {
  std::string source;
  for (int line = 0; line < 200'000; ++line) source += "a line of the file\n";
  const Bundle bundle = one_file(source);
  std::vector<Diagnostic> many;
  for (std::uint32_t line = 1; line <= 20'000; ++line) many.push_back(at(line * 10, 3, "t"));
  EXPECT_GT(caret_text(many, bundle, false).size(), many.size() * 40);  // minutes if each searched the file
}

TEST(JsonText, IsADocumentWithEverythingInIt) {
  const Bundle bundle = one_file("abc", "/etc/\"x\".conf");
  EXPECT_EQ(json_text({}, bundle), "[]");
  Diagnostic full = at(7, 3, "bad\tvalue", "hint");
  full.scope = Scope::service;
  full.service = "ftp";
  Diagnostic bare = at(0, 0, "nowhere");
  bare.severity = Severity::note;
  EXPECT_EQ(json_text({full, bare}, bundle),
            "[\n"
            "  {\"severity\": \"error\", \"scope\": \"service\", \"file\": \"/etc/\\\"x\\\".conf\", \"line\": 7, \"column\": 3, "
            "\"service\": \"ftp\", \"text\": \"bad\\tvalue\", \"hint\": \"hint\"},\n"
            "  {\"severity\": \"note\", \"scope\": \"attribute\", \"text\": \"nowhere\"}\n"
            "]");
}

}  // namespace
}  // namespace reeve
