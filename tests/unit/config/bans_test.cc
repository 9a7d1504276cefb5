// What defaults says of bans and penalties.
#include <string>

#include <gtest/gtest.h>

#include "config/defence.h"
#include "parsing.h"

namespace reeve {
namespace {

Parsed with(const std::string& lines) {
  return parse_text(defaults(lines) + service("a"));
}

TEST(Bans, HaveTheirDefaults) {
  const Parsed parsed = with("");
  const Defence& defence = *parsed.configuration->defence;
  EXPECT_EQ(defence.bans.growth, 1U);
  EXPECT_EQ(defence.bans.most.count(), 0);
  EXPECT_EQ(defence.bans.memory, std::chrono::hours(24 * 30));
  EXPECT_EQ(defence.bans.bits_v4, 32);
  EXPECT_EQ(defence.bans.bits_v6, 64);
  EXPECT_TRUE(defence.bans.never.empty());
  EXPECT_FALSE(defence.penalties.are_on());
  EXPECT_EQ(defence.penalties.limit, 100U);
}

TEST(Bans, AreReadFromDefaults) {
  const Parsed parsed = with(
      "ban_growth = 4\nban_max = 20160\nban_memory = 0\nban_prefix = 24 48\nnever_ban = 192.0.2.7 10.0.0.0\nnever_ban += testnet "
      "2001:db8::/32 192.0.2.7\nnever_ban -= 10.0.0.0\npenalties = refused:5 CRASH:40 silent:0\npenalty_limit = 70 900\npenalty_decay = "
      "60");
  ASSERT_EQ(count(parsed, Severity::error), 0U) << told(parsed);
  const Defence& defence = *parsed.configuration->defence;
  EXPECT_EQ(defence.bans.growth, 4U);
  EXPECT_EQ(defence.bans.most, std::chrono::minutes(20160));
  EXPECT_EQ(defence.bans.memory.count(), 0);
  EXPECT_EQ(defence.bans.bits_v4, 24);
  EXPECT_EQ(defence.bans.bits_v6, 48);
  std::string never;
  for (const Prefix& one : defence.bans.never) never += to_text(one) + " ";
  EXPECT_EQ(never, "192.0.2.7 127.77.0.0/16 2001:db8::/32 ");
  EXPECT_TRUE(defence.penalties.are_on());
  EXPECT_EQ(defence.penalties.score[static_cast<std::size_t>(Offence::refused)], 5U);
  EXPECT_EQ(defence.penalties.score[static_cast<std::size_t>(Offence::crash)], 40U);
  EXPECT_EQ(defence.penalties.score[static_cast<std::size_t>(Offence::sensor)], 0U);
  EXPECT_EQ(defence.penalties.limit, 70U);
  EXPECT_EQ(defence.penalties.ban, std::chrono::minutes(15));
  EXPECT_EQ(defence.penalties.half_life, std::chrono::minutes(1));
}

TEST(Bans, WhatCannotBeMeantCostsTheConfiguration) {
  for (const char* line : {"ban_growth = 0",
                           "ban_growth = 1.5",
                           "ban_max = 0",
                           "ban_max = soon",
                           "ban_memory = -1",
                           "ban_memory = 99999999999",
                           "ban_prefix = 7 64",
                           "ban_prefix = 33 64",
                           "ban_prefix = 32 15",
                           "never_ban = www.example.net",
                           "never_ban = .example.net",
                           "never_ban = 192.0.2",
                           "never_ban = 10.0.0.0/33",
                           "penalties = refused",
                           "penalties = refused:",
                           "penalties = refused:-1",
                           "penalties = refused:x",
                           "penalties = theft:5",
                           "penalties = refused:9999999",
                           "penalty_limit = 0 600",
                           "penalty_limit = 100 0",
                           "penalty_decay = 0"}) {
    const Parsed parsed = with(line);
    EXPECT_TRUE(parsed.unusable) << line;
    const std::string name(line, std::string_view(line).find(' '));
    EXPECT_NE(told(parsed).find(name), std::string::npos) << told(parsed);
  }
}

TEST(Bans, WhoSparesEverybodyIsWarned) {
  for (const char* line : {"never_ban = 0.0.0.0", "never_ban = ::/0"}) {
    const Parsed parsed = with(line);
    EXPECT_FALSE(parsed.has_errors) << told(parsed);
    EXPECT_NE(told(parsed).find("spares everybody"), std::string::npos) << told(parsed);
  }
}

TEST(Bans, WhatHasNoEffectAloneIsWarnedAbout) {
  for (const char* line :
       {"penalty_limit = 100 600", "penalty_decay = 60", "ban_scope = host", "ban_list_refresh = 60", "alert_rate = 5", "fleet_rate = 5",
        "fleet_node = a", "fleet_name = a", "fleet_user = a", "fleet_widest = 16 32", "fleet_key_file = /k", "fleet_password_file = /p"}) {
    const std::string name(line, std::string_view(line).find(' '));
    EXPECT_NE(told(with(line)).find("warning " + name + " has no effect without "), std::string::npos) << told(with(line));
  }
  EXPECT_EQ(told(with("penalty_limit = 100 600\npenalties = refused:5")), "");
}

}  // namespace
}  // namespace reeve
