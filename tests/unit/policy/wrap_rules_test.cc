// hosts_access(5) and hosts_options(5): lines, lists and options. What the library does was asked of tcpdmatch and of
// a program linked with libwrap 7.6.q.
#include "config/wrap_rules.h"

#include <gtest/gtest.h>

#include "unit/policy/wrapping.h"

namespace reeve {
namespace {

using OptionKind = WrapOption::Kind;

std::vector<WrapOption> options_of(const std::string& text) {
  const WrapTable table = wrap_table("a: b:" + text + "\n", "");
  return table.rules.rules.at(0).options;
}

std::string wrong_option(const std::string& text) {
  const auto options = options_of(text);
  return options.back().kind == OptionKind::wrong ? options.back().text : "";
}

TEST(WrapRules, ListsAndContinuationLines) {
  const WrapTable table = wrap_table("# comment\n\necho, cat\\\n ls : ALL EXCEPT [::1]/128 : deny\n", "x: y\n");
  ASSERT_EQ(table.rules.rules.size(), 2u);
  const WrapRule& rule = table.rules.rules[0];
  EXPECT_EQ(rule.daemons, (std::vector<std::string>{"echo", "cat", "ls"}));
  EXPECT_EQ(rule.clients, (std::vector<std::string>{"ALL", "EXCEPT", "[::1]/128"}));
  EXPECT_EQ(rule.where, (Where{4, 0, kWrapAllowFile}));
  EXPECT_EQ(table.rules.first_deny, 1u);
  EXPECT_TRUE(table.rules.diagnostics.empty());
}

TEST(WrapRules, ACommentGoesOnToo) {
  EXPECT_TRUE(wrap_table("# off \\\necho: ALL\n", "").rules.rules.empty());
}

TEST(WrapRules, ALineWithoutColonIsLeftOut) {
  const WrapTable table = wrap_table("", "echo ALL\ncat: ALL\n");
  EXPECT_EQ(table.rules.rules.size(), 1u);
  ASSERT_EQ(table.rules.diagnostics.size(), 1u);
  EXPECT_EQ(table.rules.diagnostics[0].where, (Where{1, 0, kWrapDenyFile}));
}

TEST(WrapRules, AnUnfinishedLineSpoilsTheRest) {
  EXPECT_EQ(wrap_table("a: b\nc: d", "").rules.rules.size(), 1u);
  const WrapTable table = wrap_table("", "a: b\nc: d");
  ASSERT_EQ(table.rules.rules.size(), 2u);
  EXPECT_TRUE(table.rules.rules[1].refuses_all);
  EXPECT_EQ(table.rules.rules[1].where.line, 2u);
  EXPECT_TRUE(wrap_table("", "a: b\\\n").rules.rules.at(0).refuses_all);
}

TEST(WrapRules, TheLongestLine) {
  const std::string head = "a: ";
  const std::string longest = head + std::string(kMaxWrapLine - head.size(), 'x');
  EXPECT_FALSE(wrap_table("", longest + "\n").rules.rules.at(0).refuses_all);
  EXPECT_TRUE(wrap_table("", longest + "x\n").rules.rules.at(0).refuses_all);
  EXPECT_TRUE(wrap_table("", "a: \\\n" + longest + "\n").rules.rules.at(0).refuses_all);
}

TEST(WrapRules, AFileThatCannotBeReadRefuses) {
  WrapFiles files;
  files.files = {{"/etc/hosts.allow", "a: b\n"}};
  files.forbidden = "/etc/hosts.deny";
  const WrapTable table = wrap_table(files);
  ASSERT_EQ(table.rules.rules.size(), 2u);
  EXPECT_TRUE(table.rules.rules[1].refuses_all);
  EXPECT_EQ(table.rules.diagnostics.size(), 1u);
  files.forbidden = "/etc/hosts.allow";
  EXPECT_TRUE(wrap_table(files).rules.rules.empty());
}

TEST(WrapOptions, KeywordsAndValues) {
  const auto options = options_of(" spawn = (a\\:b | c) & : SEVERITY local3.Notice:umask 027 : nice : setenv  NAME  some value ");
  ASSERT_EQ(options.size(), 5u);
  EXPECT_EQ(options[0].kind, OptionKind::spawn);
  EXPECT_EQ(options[0].text, "(a:b | c) &");
  EXPECT_EQ(options[1].number, 19 * 8 + 5);
  EXPECT_EQ(options[2].number, 027);
  EXPECT_EQ(options[3].number, 10);
  EXPECT_EQ(options[4].name, "NAME");
  EXPECT_EQ(options[4].text, "some value");
}

TEST(WrapOptions, Users) {
  const auto options = options_of("user nobody.kmem : user nobody : group kmem");
  EXPECT_EQ(options[0].uid, 65534u);
  EXPECT_EQ(options[0].gid, 15u);
  EXPECT_EQ(options[0].groups, (std::vector<std::uint32_t>{15}));
  EXPECT_EQ(options[1].groups, (std::vector<std::uint32_t>{65534, 7}));
  EXPECT_EQ(options[2].gid, 15u);
}

TEST(WrapOptions, WhatIsWrongRefuses) {
  for (const char* text : {"levitate",
                           "",
                           "deny : ",
                           "allow : deny",
                           "spawn",
                           "umask 999",
                           "umask 1777",
                           "umask -1",
                           "nice x",
                           "nice 5 5",
                           "linger -1",
                           "linger x",
                           "keepalive 3",
                           "rfc931 0",
                           "rfc931 3s",
                           "severity foo.info",
                           "severity local3.",
                           "severity warn",
                           "setenv A=b c",
                           "user nosuch",
                           "user nobody.nosuch",
                           "user nobody.",
                           "user .kmem",
                           "group kmem x",
                           "allow yes",
                           "= nice",
                           "twist a : spawn b"}) {
    EXPECT_NE(wrong_option(text), "") << text;
  }
  for (const char* text : {"allow", "DENY", "nice -5", "nice=5", "severity info", "linger 99999999999", "rfc931", "setenv A", "umask 0"}) {
    EXPECT_EQ(wrong_option(text), "") << text;
  }
}

TEST(WrapOptions, OptionsBeforeAWrongOneStay) {
  const auto options = options_of("spawn x : levitate : allow");
  ASSERT_EQ(options.size(), 2u);
  EXPECT_EQ(options[0].kind, OptionKind::spawn);
  EXPECT_EQ(options[1].kind, OptionKind::wrong);
}

}  // namespace
}  // namespace reeve
