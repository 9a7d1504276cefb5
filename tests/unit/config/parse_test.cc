// A whole configuration at once: entries, defaults, includes, and what damage costs.
#include "config/parse.h"

#include <gtest/gtest.h>

#include "parsing.h"

namespace reeve {
namespace {

TEST(Parse, APlainServiceIsServed) {
  const Parsed parsed = parse_text(service("a"));
  EXPECT_EQ(told(parsed), "");
  ASSERT_EQ(parsed.configuration->services.size(), 1U);
  const Service& a = parsed.configuration->services[0];
  EXPECT_EQ(a.id, "a");
  EXPECT_EQ(a.port, 4001);
  EXPECT_EQ(a.kind, Kind::program);
  EXPECT_FALSE(a.wait);
  ASSERT_NE(a.launch, nullptr);
  EXPECT_EQ(a.launch->server, "/bin/cat");
  ASSERT_EQ(a.launch->arguments.size(), 1U);
  EXPECT_EQ(a.launch->arguments[0], "cat");
  ASSERT_NE(a.log, nullptr);
  EXPECT_EQ(a.log->kind, LogTarget::Kind::none);
}

}  // namespace
}  // namespace reeve
