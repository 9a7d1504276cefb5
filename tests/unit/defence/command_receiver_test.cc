// What a command finds in its environment.
#include "defence/command_receiver.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(CommandReceiverTest, EveryFieldIsALineOfItsOwn) {
  Alert alert{.id = "x", .service = "trap", .recorded = std::string("a\0b\n$(c)", 8)};
  alert.source = Endpoint{Address::v4(0xc0000201), 7};
  const auto environment = CommandReceiver::environment_of(alert);
  ASSERT_EQ(environment.size(), kAlertFields + 1);
  const auto has = [&](std::string_view text) { return std::ranges::count(environment, text) == 1; };
  EXPECT_TRUE(has("REEVE_SOURCE=192.0.2.1"));
  EXPECT_TRUE(has("REEVE_SOURCE_PORT=7"));
  EXPECT_TRUE(has("REEVE_RECORDED=a?b?$(c)"));
  EXPECT_TRUE(has("REEVE_RECORDED_HEX=6100620a24286329"));
  EXPECT_TRUE(has("REEVE_UNTIL="));
}

TEST(CommandReceiverTest, WhatIsOverItsBoundIsCountedAndSaidOnce) {
  int said = 0;
  CommandReceiver receiver({.kind = AlertSink::Kind::command, .target = "/bin/true"}, [&](Level, std::string) { ++said; });
  for (std::size_t each = 0; each < CommandReceiver::kMostQueued + 5; ++each) receiver.add({}, Instant());
  EXPECT_EQ(receiver.lost(), 5u);
  EXPECT_EQ(said, 1);
}

}  // namespace
}  // namespace reeve
