// Who was banned before: what is remembered, for how long, and who goes when there is no room.
#include "policy/offenders.h"

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include <gtest/gtest.h>

namespace reeve {
namespace {

using std::chrono::seconds;

constexpr Instant kStart = Instant(seconds(100'000));
Instant after(int s) {
  return kStart + seconds(s);
}
Prefix host(std::uint32_t host_order) {
  return Prefix::host(Address::v4(host_order));
}

TEST(OffendersTest, TheGreaterNumberAndTheLaterEndHold) {
  Offenders offenders;
  offenders.set_memory(seconds(100));
  offenders.remember(host(1), 2, after(0), after(0));
  offenders.remember(host(1), 1, after(50), after(50));
  EXPECT_EQ(offenders.times(host(1), after(149)), 2u);
  EXPECT_EQ(offenders.times(host(1), after(150)), 0u);
  EXPECT_EQ(offenders.times(host(2), after(0)), 0u);
  offenders.forget(host(1));
  EXPECT_EQ(offenders.times(host(1), after(60)), 0u);
  EXPECT_EQ(offenders.size(), 0u);
}

TEST(OffendersTest, TakesNothingThatIsForgottenAlready) {
  Offenders offenders;
  offenders.set_memory(seconds(100));
  offenders.remember(host(1), 1, after(-100), after(0));
  offenders.remember(host(2), 0, after(0), after(0));
  EXPECT_EQ(offenders.size(), 0u);
}

TEST(OffendersTest, StrangersPushOutNobodyWhoCameAgain) {
  Offenders offenders(3);
  offenders.remember(host(1), 2, after(0), after(0));
  for (std::uint32_t stranger = 10; stranger < 1000; ++stranger)
    offenders.remember(host(stranger), 1, after(static_cast<int>(stranger)), after(static_cast<int>(stranger)));
  EXPECT_EQ(offenders.size(), 3u);
  EXPECT_EQ(offenders.times(host(1), after(1000)), 2u);
  EXPECT_EQ(offenders.times(host(998), after(1000)), 1u);
  EXPECT_EQ(offenders.times(host(999), after(1000)), 1u);
  EXPECT_EQ(offenders.times(host(997), after(1000)), 0u);
}

// Against the simplest table that does the same: a map that looks through all to find who goes.
TEST(OffendersTest, BehavesLikeANaiveTable) {
  using Past = std::pair<std::uint32_t, Instant>;  // times, ended
  constexpr std::size_t kCapacity = 50;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 random(seed);
    Offenders offenders(kCapacity);
    std::map<Prefix, Past> model;
    Instant now = kStart;
    for (int step = 0; step < 20'000; ++step) {
      now += std::chrono::nanoseconds(1 + random() % 1'000'000);  // all ends are different, so it is known who goes
      const Prefix prefix = host(static_cast<std::uint32_t>(random() % 120));
      if (random() % 10 != 0) {
        const Past past{static_cast<std::uint32_t>(1 + random() % 3), now - std::chrono::nanoseconds(random() % 1000)};
        offenders.remember(prefix, past.first, past.second, now);
        if (const auto known = model.find(prefix); known != model.end()) {
          known->second = {std::max(known->second.first, past.first), std::max(known->second.second, past.second)};
        } else {
          model[prefix] = past;
          if (model.size() > kCapacity) model.erase(std::ranges::min_element(model, {}, [](const auto& one) { return one.second; }));
        }
      } else {
        offenders.forget(prefix);
        model.erase(prefix);
      }
      ASSERT_EQ(offenders.size(), model.size()) << "seed " << seed << " step " << step;
      const Prefix asked = host(static_cast<std::uint32_t>(random() % 120));
      const auto expected = model.find(asked);
      ASSERT_EQ(offenders.times(asked, now), expected == model.end() ? 0 : expected->second.first) << "seed " << seed << " step " << step;
    }
  }
}

// What nobody asks for any more takes no room for ever.
TEST(OffendersTest, SweepsWhatHasPassed) {
  Offenders offenders(1000);
  offenders.set_memory(seconds(10));
  for (std::uint32_t each = 0; each < 1000; ++each) offenders.remember(host(each), 9, after(0), after(0));
  for (std::uint32_t each = 0; each < 600; ++each) offenders.remember(host(5000), 1, after(100), after(100));
  EXPECT_EQ(offenders.size(), 1u);
}

}  // namespace
}  // namespace reeve
