#include "cli/differences.h"

#include <string>

#include <gtest/gtest.h>

#include "unit/config/parsing.h"

namespace reeve {
namespace {

// "LINE text", one a line.
std::string notes(const std::string& text) {
  const Parsed parsed = parse_text(text);
  EXPECT_FALSE(parsed.has_errors) << told(parsed);
  std::string all;
  for (const Diagnostic& one : differences(*parsed.configuration)) {
    EXPECT_EQ(one.severity, Severity::note);
    all += std::to_string(one.where.line) + " " + one.text + "\n";
  }
  return all;
}

TEST(Differences, AreNoneWhereBothMeanTheSame) {
  EXPECT_EQ(notes(service("alpha", "only_from = 10.0.0.0\nno_access = 10.1.2.3\ninstances = 7\nmax_load = 2")), "");
  EXPECT_EQ(notes(service("alpha", "only_from = 10.0.0.1\nno_access = 10.0.0.1")), "");
  EXPECT_EQ(notes(service("alpha", "instances = 40\nper_source = 40\ncps = 10 1\ncps_action = close")), "");
  EXPECT_EQ(notes(service("alpha", "v6only = yes")), "");
  EXPECT_EQ(notes(service("alpha", "v6only = no\nflags = IPv4")), "");
  EXPECT_EQ(notes(defaults("only_from = 10.0.0.0") + service("alpha")), "");
}

TEST(Differences, NameTheLineAndBothResults) {
  EXPECT_EQ(notes(service("alpha", "no_access = 10.0.0.0\nonly_from = 10.1.2.3 11.0.0.0")),
            "10 10.1.2.3 is in no_access too (10.0.0.0/8): the better match admits it, xinetd refuses it\n");
  EXPECT_EQ(notes(service("alpha", "instances = 40")), "9 one source gets 30 of 40 instances at most, xinetd gives it all\n");
  EXPECT_EQ(notes(service("alpha", "cps = 25 30")),
            "9 over cps the source that comes too often is refused, xinetd closes the service for everybody\n");
  EXPECT_EQ(notes(service("alpha", "v6only = no")), "9 v6only = no lets IPv4 in, xinetd takes any value for yes\n");
  EXPECT_EQ(notes(defaults("v6only = yes") + service("alpha")),
            "3 v6only holds for services without their own, xinetd ignores it in defaults\n");
  EXPECT_EQ(notes(service("alpha") + defaults("only_from = 10.0.0.0\ninstances = 5")),
            "1 only_from of defaults holds here too, xinetd ignores it for services in front of defaults\n");
}

TEST(Differences, NamesAreWeakerThanAddresses) {
  EXPECT_EQ(notes(service("alpha", "only_from = 10.0.0.0 .example b.example\nno_access = bad.example")),
            "9 `.example` lets in whose name leads back to his address, xinetd believes any name\n"
            "10 `bad.example` keeps out those, too, whose name cannot be looked up in time, xinetd lets them in\n");
}

TEST(Differences, ALineOfDefaultsIsNamedOnce) {
  EXPECT_EQ(notes(defaults("cps = 25 30") + service("alpha") + service("beta", "", "4002") + service("gamma", "cps = 0 0", "4003")),
            "3 over cps the source that comes too often is refused, xinetd closes the service for everybody\n");
}

TEST(Differences, AreNoneUnderCompat) {
  EXPECT_EQ(
      notes(service("alpha", "compat = xinetd\ninstances = 40\ncps = 25 30\nno_access = 10.0.0.0\nonly_from = 10.1.2.3\nv6only = no")), "");
}

}  // namespace
}  // namespace reeve
