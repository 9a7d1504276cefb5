#include "config/plan_text.h"

#include <gtest/gtest.h>

#include "unit/config/parsing.h"

namespace reeve {
namespace {

std::string told(const std::string& before, const std::string& after) {
  const Parsed current = parse_text(before), wanted = parse_text(after);
  std::string all;
  for (const PlanLine& line :
       plan_lines(*current.configuration, *wanted.configuration, diff(*current.configuration, *wanted.configuration)))
    all += std::string(line.kind) + " " + line.text + "\n";
  return all;
}

TEST(PlanTextTest, EachThingThatChanges) {
  EXPECT_EQ(told(service("a") + service("b", "", "4002"), service("a") + service("b", "", "4002")), "");
  EXPECT_EQ(told(service("a") + service("b", "", "4002"), service("a", "instances = 3") + service("c", "", "4003")),
            "added c\nremoved b\nchanged a\nopens tcp [::]:4003 (service c)\ncloses tcp [::]:4002 (service b)\n");
}

}  // namespace
}  // namespace reeve
