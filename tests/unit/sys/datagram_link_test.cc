// DatagramLink: messages arrive in order, a full queue says so, and the end is told once.
#include "sys/datagram_link.h"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "sys/clock.h"

namespace reeve {
namespace {

constexpr std::size_t kMost = 64;

std::span<const std::byte> bytes_of(const std::uint32_t& number) {
  return std::as_bytes(std::span(&number, 1));
}

class DatagramLinkTest : public testing::Test {
 protected:
  void SetUp() override {
    auto pair = DatagramLink::make_pair();
    ASSERT_TRUE(pair);
    left = std::make_shared<DatagramLink>(loop, std::move(pair->first), kMost);
    right = std::make_shared<DatagramLink>(loop, std::move(pair->second), kMost);
  }
  ~DatagramLinkTest() override { loop.drop_tasks(); }

  // Against a test that would never end.
  Task<> give_up_late() {
    const Instant late = instant_now() + std::chrono::seconds(20);
    co_await loop.sleep_until(late);
    ADD_FAILURE() << "nothing came";
    loop.stop();
  }

  Loop loop;
  std::shared_ptr<DatagramLink> left, right;
};

TEST_F(DatagramLinkTest, AllMessagesArriveInOrder) {
  constexpr std::uint32_t kCount = 20'000;  // more than socket buffers hold
  std::uint32_t next = 0;
  left->start([](std::span<const std::byte>) {}, [] {});
  right->start(
      [&](std::span<const std::byte> datagram) {
        std::uint32_t number = 0;
        ASSERT_EQ(datagram.size(), sizeof number);
        std::memcpy(&number, datagram.data(), sizeof number);
        EXPECT_EQ(number, next++);
        if (next == kCount) loop.stop();
      },
      [] {});
  for (std::uint32_t number = 0; number < kCount; ++number) ASSERT_TRUE(left->send(bytes_of(number)));
  loop.start(give_up_late());
  loop.run();
  EXPECT_EQ(next, kCount);
  EXPECT_TRUE(left->is_empty());
}

TEST_F(DatagramLinkTest, AFullQueueSaysSoAndHasRoomLater) {
  left->start([](std::span<const std::byte>) {}, [] {});
  const std::vector<std::byte> message(kMost);
  std::size_t sent = 0;
  while (left->send(message)) ++sent;  // nobody reads: the loop does not run
  EXPECT_EQ(sent, DatagramLink::kMaxQueuedBytes / kMost);
  std::size_t come = 0;
  right->start(
      [&](std::span<const std::byte>) {
        if (++come == sent) loop.stop();
      },
      [] {});
  bool had_room = false;
  const auto wait = [](DatagramLink& link, bool& done) -> Task<> {
    const Instant deadline = instant_now() + std::chrono::seconds(20);
    co_await link.room(deadline);
    done = link.queued_bytes() <= DatagramLink::kLowBytes;
  };
  loop.start(wait(*left, had_room));
  loop.start(give_up_late());
  loop.run();
  EXPECT_TRUE(had_room);
  EXPECT_EQ(come, sent);
}

TEST_F(DatagramLinkTest, TheEndIsToldOnceBehindTheLastMessage) {
  std::vector<int> seen;
  left->start([](std::span<const std::byte>) {}, [] { ADD_FAILURE() << "its own end"; });
  right->start([&](std::span<const std::byte>) { seen.push_back(1); },
               [&] {
                 seen.push_back(2);
                 loop.stop();
               });
  const std::uint32_t number = 7;
  ASSERT_TRUE(left->send(bytes_of(number)));
  const auto end_later = [](Loop& its_loop, DatagramLink& link) -> Task<> {
    while (!link.is_empty()) {
      const Instant soon = instant_now() + std::chrono::milliseconds(1);
      co_await its_loop.sleep_until(soon);
    }
    link.close();
  };
  loop.start(end_later(loop, *left));
  loop.start(give_up_late());
  loop.run();
  EXPECT_EQ(seen, (std::vector{1, 2}));
  EXPECT_TRUE(right->is_gone());
  EXPECT_FALSE(right->send(bytes_of(number)));
}

TEST_F(DatagramLinkTest, MessagesThatAreTooLongAreSeenToBe) {
  std::size_t size = 0;
  right->start(
      [&](std::span<const std::byte> datagram) {
        size = datagram.size();
        loop.stop();
      },
      [] {});
  left->start([](std::span<const std::byte>) {}, [] {});
  ASSERT_TRUE(left->send(std::vector<std::byte>(kMost + 20)));
  loop.start(give_up_late());
  loop.run();
  EXPECT_EQ(size, kMost + 1);
}

}  // namespace
}  // namespace reeve
