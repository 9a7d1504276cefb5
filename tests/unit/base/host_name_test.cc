#include "base/host_name.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(HostNameTest, WhatIsOne) {
  const std::string label63(63, 'a'), name253 = label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b');
  for (const std::string& name : {std::string("a"), std::string("host.example"), std::string("HOST.Example."), std::string("1host.example"),
                                  std::string("a-b_c.example"), std::string("1.2.3.example"), label63, name253, name253 + "."}) {
    EXPECT_TRUE(is_host_name(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a b"), std::string("a\nb"),
        std::string("a%n"), std::string("a/b"), std::string("a;b"), std::string("-rf.example"), std::string("a.-b"),
        std::string("192.0.2.1"), std::string("17"), std::string("b\xc3\xbc.example"), std::string("a\0b", 3), std::string("$(x)"),
        label63 + "a", name253 + "b"}) {
    EXPECT_FALSE(is_host_name(name)) << name;
  }
}

TEST(HostNameTest, ComparesWithoutCaseAndFinalDot) {
  EXPECT_TRUE(same_host_name("Host.Example", "host.example."));
  EXPECT_FALSE(same_host_name("host.example", "host.example2"));
  EXPECT_EQ(folded_host_name("Host.EXAMPLE."), "host.example");
}

TEST(HostNameTest, MatchesPatterns) {
  const struct {
    const char *name, *pattern;
    bool matches;
  } kCases[] = {
      {"host.example", "host.example", true},
      {"host.example", "HOST.example.", true},
      {"host.example", "example", false},
      {"host.example", ".example", true},
      {"a.host.example", ".Example", true},
      {"example", ".example", false},
      {"hostexample", ".example", false},
      {"host.example.", ".example", true},
      {"host.example", ".example.", true},
      {"", ".example", false},
      {"", "", true},
      {"host.example", "", false},
  };
  for (const auto& c : kCases) EXPECT_EQ(matches_host_pattern(c.name, c.pattern), c.matches) << c.name << " " << c.pattern;
}

}  // namespace
}  // namespace reeve
