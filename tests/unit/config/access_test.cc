// only_from, no_access and passenv: how lists of an entry and of defaults combine, and what they then match.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "parsing.h"

namespace reeve {
namespace {

// The prefixes of a list in the order of the file, or "none".
std::string list_text(const AccessList* list) {
  if (list == nullptr) return "none";
  std::string all;
  for (const AccessEntry& entry : list->entries) {
    if (!all.empty()) all += ' ';
    all += entry.name.empty() ? to_text(entry.prefix) : std::string(entry.name);
  }
  return all;
}

std::string only_from(std::string_view of_defaults, std::string_view of_service) {
  const Parsed parsed = parse_text(defaults(of_defaults) + service("a", of_service));
  const Service* a = find(parsed, "a");
  return a != nullptr ? list_text(a->only_from) : "refused";
}

TEST(AccessLists, CombineWithThoseOfDefaults) {
  EXPECT_EQ(only_from("", ""), "none");
  EXPECT_EQ(only_from("", "only_from = 127.0.0.2\nonly_from = 127.0.0.3"), "127.0.0.3");
  EXPECT_EQ(only_from("", "only_from = 127.0.0.2\nonly_from += 127.0.0.3 127.0.0.4"), "127.0.0.2 127.0.0.3 127.0.0.4");
  EXPECT_EQ(only_from("", "only_from = 127.0.0.2 127.0.0.3\nonly_from -= 127.0.0.2"), "127.0.0.3");
  EXPECT_EQ(only_from("only_from = 127.0.0.2\nonly_from = 127.0.0.3", ""), "127.0.0.2 127.0.0.3");
  EXPECT_EQ(only_from("only_from = 127.0.0.2 127.0.0.3", "only_from += 127.0.0.4\nonly_from -= 127.0.0.2"), "127.0.0.3 127.0.0.4");
  EXPECT_EQ(only_from("only_from = 127.0.0.2", "only_from = 127.0.0.4"), "127.0.0.4");
  EXPECT_EQ(only_from("only_from =", ""), "");
  EXPECT_EQ(only_from("only_from =", "only_from += 127.0.0.2"), "127.0.0.2");
  EXPECT_EQ(only_from("only_from = 127.0.0.2", "only_from ="), "");
  EXPECT_EQ(only_from("only_from = 127.0.0.2", "only_from -= 127.0.0.2"), "") << "nobody is left, not everybody";
  EXPECT_EQ(only_from("", "only_from -= 127.0.0.2"), "none");
  EXPECT_EQ(only_from("only_from = 127.0.0.2\nonly_from -= 127.0.0.2", ""), "");
  EXPECT_EQ(only_from("only_from = 127.0.5.0", "only_from -= 127.0.5.0/24"), "") << "the same prefix, however it is written";
}

TEST(AccessLists, OfDefaultsAreShared) {
  const Parsed parsed = parse_text(service("a") + defaults("only_from = 127.0.0.7\nno_access = 127.0.0.8") + service("b", "", "4002") +
                                   service("c", "no_access += ::1", "4003"));
  const Service* a = find(parsed, "a");
  const Service* b = find(parsed, "b");
  const Service* c = find(parsed, "c");
  ASSERT_NE(a, nullptr) << "defaults hold for services before them, too";
  EXPECT_EQ(list_text(a->only_from), "127.0.0.7");
  EXPECT_EQ(a->only_from, b->only_from);
  EXPECT_EQ(a->only_from, c->only_from);
  EXPECT_EQ(a->no_access, b->no_access);
  EXPECT_EQ(list_text(c->no_access), "127.0.0.8 ::1");
}

TEST(AccessLists, EntriesKnowWhereTheyStand) {
  const Parsed parsed = parse_text(service("a", "only_from = 127.0.0.{1,2}  10.0.0.0\nonly_from += 127.0.0.1"));
  const AccessList& list = *find(parsed, "a")->only_from;
  ASSERT_EQ(list.entries.size(), 3U) << "said twice, the first place counts";
  EXPECT_EQ(list.entries[0].where, (Where{9, 13, 0}));
  EXPECT_EQ(list.entries[1].where, (Where{9, 13, 0}));
  EXPECT_EQ(list.entries[2].where, (Where{9, 28, 0}));
  EXPECT_EQ(list.where.line, 10U);
  const auto match = list.prefixes.longest_match(*parse_address("10.1.2.3"));
  ASSERT_TRUE(match);
  EXPECT_EQ(match->value, 2U);
  EXPECT_FALSE(list.prefixes.longest_match(*parse_address("11.1.2.3")));
}

TEST(AccessLists, TakeNamesOfNetworks) {
  const Parsed parsed = parse_text(service("a", "only_from = testnet loopback"));
  EXPECT_EQ(list_text(find(parsed, "a")->only_from), "127.77.0.0/16 127.0.0.0/8");
}

TEST(AccessLists, TakeHostNames) {
  const Parsed allow = parse_text(service("a", "only_from = host.example .example 127.0.0.1"));
  const Service* a = find(allow, "a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(list_text(a->only_from), "host.example .example 127.0.0.1");
  EXPECT_TRUE(a->only_from->has_names);
  EXPECT_EQ(a->only_from->prefixes.size(), 1U);
  EXPECT_EQ(count(allow, Severity::warning), 0U) << told(allow);
  const Parsed deny = parse_text(service("a", "no_access = host.example 127.0.0.1"));
  ASSERT_NE(find(deny, "a"), nullptr);
  EXPECT_TRUE(find(deny, "a")->no_access->has_names);
  EXPECT_EQ(list_text(find(deny, "a")->no_access), "host.example 127.0.0.1");
}

TEST(AccessLists, AreWarnedAboutWhereTheyCannotHold) {
  EXPECT_EQ(count(parse_text(service("a", "wait = yes\nonly_from = 127.0.0.1")), Severity::warning), 0U);
  EXPECT_EQ(count(parse_text(service("a", "compat = xinetd\nwait = yes\nonly_from = 127.0.0.1")), Severity::warning), 1U);
  EXPECT_EQ(count(parse_text(defaults("no_access = 127.0.0.1") + service("a", "compat = xinetd\nwait = yes")), Severity::warning), 1U);
  EXPECT_EQ(count(parse_text(service("a", "socket_type = dgram\nwait = yes\nonly_from = 127.0.0.1")), Severity::warning), 0U);
}

std::string passenv(std::string_view of_defaults, std::string_view of_service) {
  const Parsed parsed = parse_text(defaults(of_defaults) + service("a", of_service));
  const Launch& launch = *find(parsed, "a")->launch;
  if (launch.passenv_all) return "all";
  std::string all;
  for (const Text name : launch.passenv) all += (all.empty() ? "" : " ") + std::string(name);
  return all;
}

TEST(Passenv, CombinesWithThatOfDefaults) {
  EXPECT_EQ(passenv("", ""), "all");
  EXPECT_EQ(passenv("", "passenv = PATH SHAPE"), "PATH SHAPE");
  EXPECT_EQ(passenv("", "passenv ="), "");
  EXPECT_EQ(passenv("passenv = PATH COLOUR", ""), "PATH COLOUR");
  EXPECT_EQ(passenv("passenv = PATH COLOUR", "passenv += SHAPE\npassenv -= PATH"), "COLOUR SHAPE");
  EXPECT_EQ(passenv("passenv = PATH", "passenv = X"), "X");
  EXPECT_EQ(passenv("", "passenv -= PATH"), "all");
}

TEST(LogFields, CombineWithThoseOfDefaults) {
  const auto fields = [](std::string_view line) {
    const Parsed parsed = parse_text(defaults("log_on_success = PID HOST\nlog_on_success = EXIT") + service("a", line));
    const SuccessFields& f = find(parsed, "a")->log_on_success;
    return std::string(f.pid ? "P" : "") + (f.host ? "H" : "") + (f.exit ? "E" : "") + (f.duration ? "D" : "");
  };
  EXPECT_EQ(fields(""), "PHE");
  EXPECT_EQ(fields("log_on_success += DURATION"), "PHED");
  EXPECT_EQ(fields("log_on_success -= PID"), "HE");
  EXPECT_EQ(fields("log_on_success = PID"), "P");
}

}  // namespace
}  // namespace reeve
