#include "simulate/event_queue.h"

#include <cstdint>
#include <set>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "simulate/random.h"

namespace reeve {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

Instant at(std::int64_t count) {
  return Instant(nanoseconds(count));
}

TEST(EventQueue, GivesWhatEndsBeforeWhoComesAtTheSameMoment) {
  EventQueue queue(at(1000));
  queue.push(EventQueue::agent_comes(1, at(5)));
  queue.push(EventQueue::visit_ends(9, at(5)));
  queue.push(EventQueue::agent_comes(0, at(5)));
  EventQueue::Event event;
  ASSERT_TRUE(queue.pop(event));
  EXPECT_TRUE(event.is_end());
  EXPECT_EQ(event.number(), 9u);
  ASSERT_TRUE(queue.pop(event));
  EXPECT_EQ(event.number(), 0u);
  EXPECT_FALSE(event.is_end());
  ASSERT_TRUE(queue.pop(event));
  EXPECT_EQ(event.number(), 1u);
  EXPECT_FALSE(queue.pop(event));
}

TEST(EventQueue, LeavesOutWhatIsBehindTheEnd) {
  EventQueue queue(at(1000));
  queue.push(EventQueue::agent_comes(1, at(1000)));
  queue.push(EventQueue::agent_comes(2, at(999)));
  EventQueue::Event event;
  ASSERT_TRUE(queue.pop(event));
  EXPECT_EQ(event.number(), 2u);
  EXPECT_FALSE(queue.pop(event));
}

// Against a sorted set, with events put in while others are taken out, as the simulation does.
TEST(EventQueue, AgreesWithASortedSet) {
  for (const std::int64_t end : {std::int64_t{10}, std::int64_t{5000}, std::int64_t{10'000'000'000}}) {
    EventQueue queue(at(end));
    std::multiset<std::tuple<std::int64_t, std::uint32_t>> expected;
    std::uint64_t random = 7;
    std::int64_t now = 0;
    for (int i = 0; i < 20'000; ++i) {
      if (i < 2000 || random_below(random, 2) == 0) {
        const auto when = now + static_cast<std::int64_t>(random_below(random, static_cast<std::uint64_t>(end) / 3 + 1));
        const auto number = static_cast<std::uint32_t>(random_below(random, 100));
        const EventQueue::Event event =
            random_below(random, 2) == 0 ? EventQueue::visit_ends(number, at(when)) : EventQueue::agent_comes(number, at(when));
        queue.push(event);
        if (when < end) expected.insert({when, event.key});
        continue;
      }
      EventQueue::Event event;
      ASSERT_EQ(queue.pop(event), !expected.empty());
      if (expected.empty()) continue;
      ASSERT_EQ(std::tuple(event.at.time_since_epoch().count(), event.key), *expected.begin());
      expected.erase(expected.begin());
      now = event.at.time_since_epoch().count();
    }
  }
}

}  // namespace
}  // namespace reeve
