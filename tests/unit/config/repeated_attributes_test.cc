// What it means to write an attribute twice, or with += and -=.
#include <string>

#include <gtest/gtest.h>

#include "config/attributes.h"
#include "parsing.h"

namespace reeve {
namespace {

TEST(Attributes, APlainOneIsSetOnce) {
  const Parsed parsed = parse_text(service(
      "a", "port = 4002\nnice = 3\nnice = 4\nserver_args = ONE\nserver_args = TWO\nport = 4003\nbind = 127.0.0.1\ninterface = 127.0.0.2"));
  const Service* a = find(parsed, "a");
  ASSERT_NE(a, nullptr) << told(parsed);
  EXPECT_EQ(a->port, 4002);
  EXPECT_EQ(a->launch->nice, 3);
  EXPECT_EQ(a->launch->arguments.back(), "ONE");
  EXPECT_EQ(a->binds[0], "127.0.0.1");
  EXPECT_EQ(count(parsed, Severity::warning), 4U) << told(parsed);
}

TEST(Attributes, PlusOnAPlainOneIsIgnored) {
  const Parsed parsed = parse_text(service("a", "nice += 7\nserver_args += x"));
  ASSERT_NE(find(parsed, "a"), nullptr);
  EXPECT_EQ(find(parsed, "a")->launch->nice, 0);
  EXPECT_EQ(count(parsed, Severity::warning), 2U);
}

TEST(Attributes, EnvAccumulatesAndStartsOver) {
  const Parsed parsed = parse_text(service("a", "env = A=1 B=2\nenv += C=3") + service("b", "env = A=1\nenv = D=4", "4002") +
                                   service("c", "env = A=1\nenv -= A=1", "4003"));
  EXPECT_EQ(find(parsed, "a")->launch->env.size(), 3U);
  ASSERT_EQ(find(parsed, "b")->launch->env.size(), 1U);
  EXPECT_EQ(find(parsed, "b")->launch->env[0], "D=4");
  EXPECT_EQ(find(parsed, "c"), nullptr);
}

}  // namespace
}  // namespace reeve
