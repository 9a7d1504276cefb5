#include "cli/simulate.h"

#include <string>

#include <gtest/gtest.h>

#include "cli/simulated.h"
#include "unit/config/parsing.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;

const std::string kScenario =
    "scenario\n{\n title = A <test>\n duration = 2m\n}\n"
    "population users\n{\n kind = honest\n sources = 30\n service = alpha\n rate = 6/m\n takes = fixed 5s\n}\n"
    "population flood\n{\n kind = attack\n addresses = 192.0.2.9\n service = alpha\n arrival = steady\n rate = 20/s\n from = 30s\n until = "
    "90s\n}\n";

Answer simulated(SimulateRequest request, const std::string& scenario = kScenario) {
  FakeFiles files;
  files.files["/x.sim"] = scenario;
  files.files["/a.conf"] = service("alpha", "per_source = 2\ninstances = 20\n");
  files.files["/b.conf"] = service("alpha", "no_access = 192.0.2.0/24\n");
  FakeNames names;
  request.scenario = "/x.sim";
  if (request.path.empty()) request.path = "/a.conf";
  return simulate(request, files, names);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Simulate, SaysWhoWasServedAndWhichLineRefused) {
  const Answer answer = simulated({});
  EXPECT_EQ(answer.exit_code, kClean);
  EXPECT_EQ(answer.err, "");
  for (const char* part : {"A <test>\n/x.sim, 2m in virtual time, seed 1\n", "users (honest, 30 sources)\n", "flood (attack, 1 source)\n",
                           "over time\n", "/a.conf:", "per_source", "the attacker who got most: 192.0.2.9 of flood: served "})
    EXPECT_TRUE(has(answer.out, part)) << part << answer.out;
}

TEST(Simulate, PutsTwoConfigurationsBesideEachOther) {
  const Answer answer = simulated({.against = "/b.conf"});
  EXPECT_TRUE(has(answer.out, "/a.conf   "));
  EXPECT_TRUE(has(answer.out, "  against"));
  EXPECT_TRUE(has(answer.out, "/b.conf:9    address        0    1,200\n")) << answer.out;
}

TEST(Simulate, GivesThePictureToBeWritten) {
  const Answer svg = simulated({.against = "/b.conf", .plot = "p.svg"});
  ASSERT_EQ(svg.files.size(), 1u);
  EXPECT_EQ(svg.files[0].path, "p.svg");
  EXPECT_TRUE(has(svg.files[0].text, "A &lt;test&gt;"));
  EXPECT_TRUE(has(svg.files[0].text, "b.conf: attack, attempts a second"));
  EXPECT_TRUE(has(svg.files[0].text, ">flood</text>")) << "its period";
  const Answer html = simulated({.plot = "p.html"});
  EXPECT_TRUE(has(html.files.at(0).text, "<caption>Refused attempts by rule, /a.conf</caption>"));
  EXPECT_EQ(simulated({.plot = "p.png"}).exit_code, kWrong);
}

TEST(Simulate, JudgesTheShareOfTheHonest) {
  EXPECT_EQ(simulated({.least_served = 100.0}).exit_code, kDoubtful) << "the flood takes slots of theirs";
  EXPECT_EQ(simulated({.least_served = 1.0}).exit_code, kClean);
}

TEST(Simulate, ShowsMistakesOfTheScenario) {
  const Answer answer = simulated({}, kScenario + "nonsense\n");
  EXPECT_EQ(answer.exit_code, kWrong);
  EXPECT_TRUE(has(answer.err, "/x.sim:24:1: error: `nonsense` belongs to no entry\n")) << answer.err;
  EXPECT_EQ(answer.out, "");
}

TEST(Simulate, FiguresAreWrittenForPeople) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1'234'567), "1,234,567");
  EXPECT_EQ(share_text(0, 0), "–");
  EXPECT_EQ(share_text(0, 9), "0.0 %");
  EXPECT_EQ(share_text(1, 1'000'000), "<0.1 %");
  EXPECT_EQ(share_text(999'999, 1'000'000), ">99.9 %");
  EXPECT_EQ(share_text(7, 7), "100.0 %");
  EXPECT_EQ(duration_text(90min), "1h30m");
  EXPECT_EQ(duration_text(250ms), "250ms");
  EXPECT_EQ(duration_text(72h), "3d");
}

}  // namespace
}  // namespace reeve
