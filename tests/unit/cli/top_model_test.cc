#include "cli/top_model.h"

#include <string>

#include <gtest/gtest.h>

#include "cli/sparkline.h"
#include "cli/top_sample.h"

namespace reeve {
namespace {

using std::chrono::milliseconds;

ControlReply reply(std::initializer_list<const char*> items, const char* last) {
  ControlReply made;
  for (const char* item : items) made.items.push_back(boost::json::parse(item).as_object());
  made.last = boost::json::parse(last).as_object();
  return made;
}

Counts counts(int at_ms, std::uint64_t admitted, std::uint64_t refused, std::int64_t engine = 7) {
  Counts made;
  made.at = milliseconds(at_ms);
  made.engine_pid = engine;
  made.admitted = admitted;
  made.refused = refused;
  return made;
}

Counts with_service(int at_ms, const char* id, std::uint64_t admitted, std::uint64_t refused) {
  Counts made = counts(at_ms, admitted, refused);
  made.items = {{id, "open", 0, admitted, refused, ""}};
  return made;
}

TEST(TopSampleTest, Answers) {
  const Counts found = counts_of(reply({R"({"id":"ftp","state":"resting","running":2,"admitted":9,"refused":4,"last_refusal":"cps"})"},
                                       R"({"at_ms":1500,"role":"operator","engine_pid":7,"admitted":9,"load":0.5})"),
                                 true);
  EXPECT_EQ(found.at, milliseconds(1500));
  EXPECT_TRUE(found.may_act);
  EXPECT_EQ(found.load, 0.5);
  ASSERT_TRUE(found.items);
  EXPECT_EQ((*found.items)[0].last_refusal, "cps");
  EXPECT_FALSE(counts_of(reply({}, "{}"), false).items);
  EXPECT_FALSE(counts_of(reply({}, R"({"role":"reader","admitted":-5,"load":"x"})"), false).may_act);
}

TEST(TopSampleTest, OnlyVisitsHappen) {
  const Happenings found = happenings_of(
      reply({R"({"event":"start","source":"10.0.0.1","service":"ftp"})", R"({"event":"exit","source":"10.0.0.1","service":"ftp"})",
             R"({"event":"fail","source":"10.0.0.2","service":"ftp","reason":"ban"})", R"({"event":"start","service":"ftp"})",
             R"({"lost":5})", R"({"event":7})"},
            R"({"next":40})"));
  EXPECT_EQ(found.next, 40u);
  EXPECT_EQ(found.records, 5u);
  ASSERT_EQ(found.visits.size(), 2u);
  EXPECT_EQ(found.visits[0].reason, "");
  EXPECT_EQ(found.visits[1].reason, "ban");
}

TEST(TopSampleTest, Bans) {
  const BanPage page = ban_page_of(
      reply({R"({"prefix":"10.0.0.0/8","left_s":null,"hits":3})", R"({"prefix":"10.0.0.1","left_s":0})"}, R"({"count":2,"all":70})"));
  EXPECT_EQ(page.all, 70u);
  EXPECT_EQ(page.bans[0].left_s, std::nullopt);
  EXPECT_EQ(page.bans[1].left_s, 0);
}

TEST(CountRateTest, OverTheLastFiveSeconds) {
  CountRate rate;
  EXPECT_EQ(rate.per_second(), 0);
  rate.add(milliseconds(0), 100);
  EXPECT_EQ(rate.per_second(), 0);
  for (int second = 1; second <= 10; ++second) rate.add(milliseconds(second * 1000), 100 + static_cast<std::uint64_t>(second) * 20);
  EXPECT_DOUBLE_EQ(rate.per_second(), 20);
  for (int second = 11; second <= 16; ++second) rate.add(milliseconds(second * 1000), 300);
  EXPECT_EQ(rate.per_second(), 0);
}

TEST(CountRateTest, ACountThatFallsBeginsAnew) {
  CountRate rate;
  rate.add(milliseconds(0), 1000);
  rate.add(milliseconds(1000), 3);
  EXPECT_EQ(rate.per_second(), 0);
  rate.add(milliseconds(3000), 7);
  EXPECT_DOUBLE_EQ(rate.per_second(), 2);
}

TEST(CountRateTest, SamplesThatAreFarApartStillTell) {
  CountRate rate;
  rate.add(milliseconds(0), 0);
  rate.add(milliseconds(20'000), 40);
  EXPECT_DOUBLE_EQ(rate.per_second(), 2);
  rate.add(milliseconds(40'000), 40);
  EXPECT_DOUBLE_EQ(rate.per_second(), 0);
}

TEST(TopModelTest, TheHistoryIsDifferencesBySecond) {
  TopModel model;
  model.take(counts(1000, 50, 5));
  EXPECT_TRUE(model.history().empty());
  model.take(counts(2000, 60, 5));
  model.take(counts(4000, 70, 15));  // a late one
  ASSERT_EQ(model.history().size(), 2u);
  EXPECT_DOUBLE_EQ(model.history()[0].admitted, 10);
  EXPECT_DOUBLE_EQ(model.history()[1].admitted, 5);
  EXPECT_DOUBLE_EQ(model.history()[1].refused, 5);
  for (int each = 0; each < 1000; ++each) model.take(counts(5000 + each, 70, 15));
  EXPECT_EQ(model.history().size(), TopModel::kMostHistory);
}

TEST(TopModelTest, AnotherEngineBeginsAnew) {
  TopModel model;
  model.take(with_service(1000, "ftp", 500, 0));
  model.take(with_service(2000, "ftp", 600, 0));
  EXPECT_DOUBLE_EQ(model.services().at("ftp").admitted.per_second(), 100);
  Counts other = with_service(100, "ftp", 900, 0);
  other.engine_pid = 8;
  model.take(other);
  EXPECT_EQ(model.history().size(), 1u);
  EXPECT_EQ(model.services().at("ftp").admitted.per_second(), 0);
}

TEST(TopModelTest, ADaemonThatIsGoneLeavesAGap) {
  TopModel model;
  model.take(counts(1000, 0, 0));
  model.lose("nobody listens there");
  model.lose("nobody listens there");
  ASSERT_EQ(model.history().size(), 1u);
  EXPECT_TRUE(model.history()[0].is_gap);
  EXPECT_EQ(model.trouble(), "nobody listens there");
  model.take(counts(9000, 800, 0));  // the same engine, after a pause of the connection
  EXPECT_FALSE(model.trouble());
  EXPECT_EQ(model.history().size(), 1u) << "eight seconds are not one";
  model.take(counts(10000, 801, 0));
  EXPECT_DOUBLE_EQ(model.history()[1].admitted, 1);
}

TEST(TopModelTest, ServicesThatAReloadRemovedGo) {
  TopModel model;
  model.take(with_service(1000, "ftp", 1, 0));
  model.take(counts(2000, 1, 0));
  EXPECT_TRUE(model.services().contains("ftp")) << "a sample without services says nothing of them";
  model.take(with_service(3000, "echo", 1, 0));
  EXPECT_FALSE(model.services().contains("ftp"));
  Counts many = counts(4000, 1, 0);
  many.items.emplace();
  for (std::size_t each = 0; each < TopModel::kMostServices + 5; ++each) many.items->push_back({std::to_string(each), "open"});
  model.take(many);
  EXPECT_EQ(model.services().size(), TopModel::kMostServices);
}

TEST(TopModelTest, SourcesFromRecords) {
  TopModel model;
  model.take(counts(1000, 0, 0));
  model.take(Happenings{.next = 10, .records = 1, .visits = {{"10.0.0.1", "ftp", ""}}}, std::nullopt);
  EXPECT_EQ(model.sources().lines().at("10.0.0.1").admitted, 1);
  EXPECT_EQ(model.sources().lines().at("10.0.0.1").admitted_rate, 0) << "of the past";
  for (int second = 2; second < 30; ++second) {
    model.take(counts(second * 1000, 0, 0));
    model.take(Happenings{.next = 0, .records = 2, .visits = {{"10.0.0.1", "ftp", "ban"}, {"10.0.0.1", "www", "cps"}}}, 10);
  }
  const SourceLine& line = model.sources().lines().at("10.0.0.1");
  EXPECT_NEAR(line.refused_rate, 2, 0.01);
  EXPECT_EQ(line.reason, "cps");
  EXPECT_EQ(line.service, "www");
}

TEST(TopModelTest, ASampleOfRecordsCountsForAll) {
  TopModel model;
  model.take(counts(1000, 0, 0));
  model.take(Happenings{.next = 0}, std::nullopt);
  Happenings part{.next = 5 * kMostRecords, .records = kMostRecords};
  part.visits.assign(kMostRecords, {"10.0.0.1", "ftp", ""});
  model.take(counts(2000, 0, 0));
  model.take(part, 0);
  EXPECT_DOUBLE_EQ(model.record_weight(), 5);
  EXPECT_DOUBLE_EQ(model.sources().lines().at("10.0.0.1").admitted, 5.0 * kMostRecords);
  // Records of kinds that are not told (TRAFFIC) make no sample.
  model.take(counts(3000, 0, 0));
  model.take(Happenings{.next = 5 * kMostRecords + 9, .records = 3}, 5 * kMostRecords);
  EXPECT_DOUBLE_EQ(model.record_weight(), 1);
}

TEST(SourceTableTest, TheQuietestMakesRoom) {
  SourceTable table;
  std::vector<Happening> visits;
  for (std::size_t each = 0; each < SourceTable::kMost; ++each) {
    visits.push_back({"source " + std::to_string(each), "ftp", ""});
    if (each != 77) visits.push_back(visits.back());
  }
  table.take(visits, 1, milliseconds(1000), milliseconds(1000));
  const std::vector<Happening> fresh{{"newcomer", "ftp", ""}};
  table.take(fresh, 1, milliseconds(1000), milliseconds(2000));
  EXPECT_EQ(table.lines().size(), SourceTable::kMost);
  EXPECT_EQ(table.forgotten(), 1u);
  EXPECT_FALSE(table.lines().contains("source 77"));
  EXPECT_TRUE(table.lines().contains("newcomer"));
}

TEST(SourceTableTest, RatesForget) {
  SourceTable table;
  const std::vector<Happening> visits(50, {"10.0.0.1", "ftp", ""});
  for (int second = 1; second < 20; ++second) table.take(visits, 1, milliseconds(1000), milliseconds(second * 1000));
  EXPECT_NEAR(table.lines().at("10.0.0.1").admitted_rate, 50, 0.5);
  for (int second = 20; second < 50; ++second) table.take({}, 1, milliseconds(1000), milliseconds(second * 1000));
  EXPECT_NEAR(table.lines().at("10.0.0.1").admitted_rate, 0, 0.05);
  EXPECT_DOUBLE_EQ(table.lines().at("10.0.0.1").admitted, 50 * 19);
}

TEST(SparklineTest, Figures) {
  const std::vector<std::optional<double>> figures{0, 1, 1000, std::nullopt, 500};
  EXPECT_EQ(sparkline(figures, 7, false), "  _.# =");
  EXPECT_EQ(sparkline(figures, 5, true), "▁▂█ ▅");
  EXPECT_EQ(sparkline(figures, 2, false), " #") << "against the largest of those that are shown";
  EXPECT_EQ(sparkline({}, 3, false), "   ");
  EXPECT_EQ(sparkline(figures, 0, true), "");
}

}  // namespace
}  // namespace reeve
