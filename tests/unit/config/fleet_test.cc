// What defaults says of a fleet.
#include <gtest/gtest.h>

#include "config/defence.h"
#include "unit/config/parsing.h"

namespace reeve {
namespace {

const std::string kKey = "fleet_key_file = /etc/reeve.key\n";

TEST(Fleet, IsOffUnlessSomethingSaysSo) {
  EXPECT_FALSE(parse_text(defaults("instances = 5")).configuration->defence->fleet.is_on());
}

TEST(Fleet, AllOfItIsTaken) {
  const Parsed parsed =
      parse_text(defaults(kKey + "fleet = store.example.net 6380\nfleet_name = lab\nfleet_node = web-1\nfleet_user = reeve\n"
                                 "fleet_password_file = /etc/reeve.password\nfleet_widest = 28 64\nfleet_rate = 50"));
  ASSERT_FALSE(parsed.has_errors) << told(parsed);
  const FleetTerms& fleet = parsed.configuration->defence->fleet;
  EXPECT_TRUE(fleet.is_on());
  EXPECT_EQ("store.example.net", fleet.host);
  EXPECT_EQ(6380, fleet.port);
  EXPECT_EQ("lab", fleet.name);
  EXPECT_EQ("web-1", fleet.node);
  EXPECT_EQ("reeve", fleet.user);
  EXPECT_EQ("/etc/reeve.password", fleet.password_file);
  EXPECT_EQ("/etc/reeve.key", fleet.key_file);
  EXPECT_EQ(28, fleet.widest_v4);
  EXPECT_EQ(64, fleet.widest_v6);
  EXPECT_EQ(50u, fleet.most_per_minute);
}

TEST(Fleet, AStoreIsAHostAnAddressOrAPath) {
  const auto terms = [](const std::string& value) {
    const Parsed parsed = parse_text(defaults(kKey + "fleet = " + value));
    EXPECT_FALSE(parsed.unusable) << told(parsed);
    return parsed.configuration->defence->fleet;
  };
  EXPECT_EQ(6379, terms("2001:db8::1").port);
  EXPECT_EQ("2001:db8::1", terms("2001:db8::1").host);
  EXPECT_EQ("192.0.2.1", terms("192.0.2.1 7000").host);
  EXPECT_EQ("/run/redis/redis.sock", terms("/run/redis/redis.sock").path);
}

TEST(Fleet, WhatCannotBeMeantCostsTheConfiguration) {
  for (const std::string line : {"fleet = host!", "fleet = /run/redis.sock 6379", "fleet = h 0", "fleet = h 70000", "fleet = h x",
                                 "fleet_name = a:b", "fleet_node = *", "fleet_key_file = key", "fleet_password_file = key",
                                 "fleet_widest = 4 48", "fleet_widest = 24 129", "fleet_rate = 0"}) {
    const std::string key = line.starts_with("fleet_key_file") ? "" : kKey;
    const Parsed parsed = parse_text(defaults(key + line));
    EXPECT_TRUE(parsed.unusable) << line;
    EXPECT_NE(told(parsed).find(line.substr(0, line.find(' '))), std::string::npos) << told(parsed);
  }
  EXPECT_TRUE(parse_text(defaults(kKey + "fleet = /" + std::string(107, 'x'))).unusable);
  EXPECT_FALSE(parse_text(defaults(kKey + "fleet = /" + std::string(106, 'x'))).unusable);
}

TEST(Fleet, WithoutAKeyItSaysHowToMakeOne) {
  const Parsed parsed = parse_text(defaults("fleet = 192.0.2.1"));
  EXPECT_TRUE(parsed.unusable);
  EXPECT_NE(told(parsed).find("head -c 32 /dev/urandom | base64"), std::string::npos) << told(parsed);
}

TEST(Fleet, AUserHasAPassword) {
  EXPECT_TRUE(parse_text(defaults(kKey + "fleet = 192.0.2.1\nfleet_user = reeve")).unusable);
  EXPECT_FALSE(parse_text(defaults(kKey + "fleet = 192.0.2.1\nfleet_user = reeve\nfleet_password_file = /p")).unusable);
}

}  // namespace
}  // namespace reeve
