#include "record/stamp.h"

#include "stand_ins.h"

namespace reeve {
namespace {

constexpr std::int64_t kNovember = 1795359845;  // 2026-11-22 15:04:05 UTC
constexpr std::int64_t kJanuary = 1672625106;   // 2023-01-02 02:05:06 UTC

TEST(StampTest, LocalTimeWithXinetdsLeadingZeros) {
  const struct {
    const char* zone;
    std::int64_t second;
    const char *xinetd, *syslog;
  } kCases[] = {
      {"UTC", kNovember, "26/11/22@15:04:05", "Nov 22 15:04:05"},
      {"UTC", kJanuary, "23/1/2@02:05:06", "Jan  2 02:05:06"},
      {"XYZ-3", kNovember, "26/11/22@18:04:05", "Nov 22 18:04:05"},
      {"XYZ3", kJanuary, "23/1/1@23:05:06", "Jan  1 23:05:06"},
      {"UTC", 0, "70/1/1@00:00:00", "Jan  1 00:00:00"},
      {"UTC", 951782400, "00/2/29@00:00:00", "Feb 29 00:00:00"},
  };
  for (const auto& [zone, second, xinetd, syslog] : kCases) {
    const Zone here(zone);
    EXPECT_EQ(xinetd_stamp(wall_at(second)), xinetd) << zone;
    EXPECT_EQ(syslog_stamp(wall_at(second, 999'999'999)), syslog) << zone;
  }
}

TEST(StampTest, JsonIsUniversalTimeWithMilliseconds) {
  const Zone here("XYZ-3");
  EXPECT_EQ(json_stamp(wall_at(kNovember, 123'999'999)), "2026-11-22T15:04:05.123Z");
  EXPECT_EQ(json_stamp(wall_at(kJanuary)), "2023-01-02T02:05:06.000Z");
  EXPECT_EQ(json_stamp(wall_at(-1, 500'000'000)), "1969-12-31T23:59:59.500Z");
}

TEST(StampTest, TheCacheSaysWhatTheFunctionsSay) {
  const Zone here("XYZ-3");
  StampCache cache;
  for (const std::int64_t second : {kNovember, kNovember, kNovember + 1, kNovember, kJanuary, kNovember + 86400}) {
    for (const std::int64_t nanosecond : {0, 999'999'999}) {
      const WallTime wall = wall_at(second, nanosecond);
      EXPECT_EQ(cache.xinetd(wall), xinetd_stamp(wall));
      EXPECT_EQ(cache.syslog(wall), syslog_stamp(wall));
    }
  }
}

}  // namespace
}  // namespace reeve
