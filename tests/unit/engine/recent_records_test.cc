#include "engine/recent_records.h"

#include <string>

#include <gtest/gtest.h>

namespace reeve {
namespace {

void add(RecentRecords& records, int number) {
  const std::string service = "service-with-a-long-name-" + std::to_string(number);
  Record record;
  record.service = service;
  record.pid = number;
  records.add(record);
}

TEST(RecentRecordsTest, TheLastOnesAreKeptWithTheirTexts) {
  Loop loop;
  RecentRecords records(loop);
  EXPECT_EQ(records.first(), records.next());
  const int all = 3 * static_cast<int>(RecentRecords::kMost) + 7;
  for (int each = 0; each < all; ++each) {
    add(records, each);
    const auto kept = std::min<std::uint64_t>(static_cast<std::uint64_t>(each) + 1, RecentRecords::kMost);
    ASSERT_EQ(records.next(), static_cast<std::uint64_t>(each) + 1);
    ASSERT_EQ(records.next() - records.first(), kept);
    for (const std::uint64_t number : {records.first(), records.next() - 1}) {
      ASSERT_EQ(records.at(number).pid, static_cast<std::int32_t>(number));
      ASSERT_EQ(records.at(number).service, "service-with-a-long-name-" + std::to_string(number));
    }
  }
}

}  // namespace
}  // namespace reeve
