#include "monitor/process_table.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace reeve {
namespace {

Process process(InstanceId id, pid_t pid, std::uint32_t service) {
  Process made;
  made.id = id;
  made.pid = pid;
  made.service = service;
  return made;
}

Instant at(int seconds) {
  return Instant(std::chrono::seconds(seconds));
}

TEST(ProcessTable, CountsByServiceAndFindsById) {
  ProcessTable table;
  EXPECT_TRUE(table.add(process(1, 101, 0), 2));
  EXPECT_TRUE(table.add(process(2, 102, 1), 2));
  EXPECT_TRUE(table.add(process(3, 103, 1), 2));
  EXPECT_EQ(table.running(0), 1U);
  EXPECT_EQ(table.running(1), 2U);
  EXPECT_EQ(table.running(9), 0U);
  ASSERT_NE(table.find(2), nullptr);
  EXPECT_EQ(table.find(2)->pid, 102);
  EXPECT_EQ(table.find(7), nullptr);
  EXPECT_EQ(table.take(102)->id, 2U);
  EXPECT_FALSE(table.take(102));
  EXPECT_EQ(table.running(1), 1U);
  EXPECT_EQ(table.inconsistency(), "");
}

TEST(ProcessTable, IdsAndPidsAreUnique) {
  ProcessTable table;
  EXPECT_TRUE(table.add(process(1, 101, 0), 1));
  EXPECT_FALSE(table.add(process(1, 102, 0), 1));
  EXPECT_FALSE(table.add(process(2, 101, 0), 1));
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.running(0), 1U);
}

TEST(ProcessTable, DeadlinesComeOnceAndEndWithTheProcess) {
  ProcessTable table;
  for (int each = 1; each <= 3; ++each) table.add(process(static_cast<InstanceId>(each), 100 + each, 0), 1);
  EXPECT_FALSE(table.next_deadline());
  table.set_deadline(*table.find(1), at(10));
  table.set_deadline(*table.find(2), at(5));
  table.set_deadline(*table.find(2), at(1));  // only the first counts
  table.set_deadline(*table.find(3), at(5));
  EXPECT_EQ(table.next_deadline(), at(5));
  EXPECT_TRUE(table.take(103));
  EXPECT_TRUE(table.take_overdue(at(4)).empty());
  EXPECT_EQ(table.take_overdue(at(5)), std::vector<pid_t>{102});
  EXPECT_EQ(table.next_deadline(), at(10));
  EXPECT_TRUE(table.take(101));
  EXPECT_FALSE(table.next_deadline());
}

// Against a model that knows nothing but the list of the living.
TEST(ProcessTable, AgreesWithAModelThroughReloads) {
  std::mt19937 random(20'261'122);
  const auto below = [&](std::size_t end) { return static_cast<std::uint32_t>(random() % end); };
  ProcessTable table;
  std::map<pid_t, std::uint32_t> model;
  std::size_t services = 5;
  pid_t next = 1;
  for (int step = 0; step < 20'000; ++step) {
    const std::uint32_t what = below(100);
    if (what < 50) {
      const std::uint32_t service = below(services);
      ASSERT_TRUE(table.add(process(static_cast<InstanceId>(next), next, service), services));
      model[next++] = service;
    } else if (what < 99 && !model.empty()) {
      auto victim = std::next(model.begin(), below(model.size()));
      ASSERT_TRUE(table.take(victim->first));
      model.erase(victim);
    } else {
      // Each old service goes on as some new one or as none; no two as the same.
      const std::size_t fresh = 1 + below(8);
      std::vector<std::uint32_t> continued(services, Process::kNoService);
      for (std::uint32_t each = 0; each < std::min(services, fresh); ++each) {
        if (below(3) != 0) continued[each] = static_cast<std::uint32_t>(fresh) - 1 - each;
      }
      table.renumber(continued, fresh);
      for (auto& [pid, service] : model) service = service == Process::kNoService ? service : continued[service];
      services = fresh;
    }
    ASSERT_EQ(table.size(), model.size());
    std::vector<std::uint32_t> counted(services);
    for (const auto& [pid, service] : model) {
      if (service != Process::kNoService) ++counted[service];
    }
    for (std::uint32_t each = 0; each < services; ++each) ASSERT_EQ(table.running(each), counted[each]) << "step " << step;
  }
  EXPECT_EQ(table.inconsistency(), "");
}

}  // namespace
}  // namespace reeve
