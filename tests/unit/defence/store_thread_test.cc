// The store's thread: what it says, what it does when its disk or its file fails, and that nothing is lost at its end.
#include "defence/store_thread.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "base/address.h"
#include "defence/history_line.h"
#include "sys/clock.h"
#include "unit/defence/temporary_directory.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;

BanMessage ban(std::uint32_t whom, std::uint64_t number = 0) {
  BanMessage message{.prefix = to_wire(Prefix::host(Address::v4(whom))),
                     .since_ns = instant_now().time_since_epoch().count(),
                     .until_ns = kForEverNs,
                     .number = number};
  put_words(message.reason, "sensor trap");
  return message;
}

EndOfBansMessage end(std::uint64_t number) {
  EndOfBansMessage message;
  message.number = number;
  return message;
}

// What the thread said, until a message of a kind has come.
struct Said {
  std::set<Prefix> bans;
  std::vector<std::string> texts, answers;
  std::optional<std::uint32_t> durable;
  std::uint64_t kept = 0;
  bool answered = false;

  void take(const FromFollower& news) {
    if (const auto* its = std::get_if<BanMessage>(&news)) bans.insert({Address(its->prefix.address), its->prefix.bits});
    if (const auto* its = std::get_if<SayMessage>(&news)) texts.emplace_back(text_of(its->text));
    if (const auto* its = std::get_if<LoadedMessage>(&news)) durable = its->durable;
    if (const auto* its = std::get_if<KeptMessage>(&news)) kept = its->number;
    if (const auto* its = std::get_if<AnswerMessage>(&news)) {
      if (its->last == 0 || its->text[0] != '\0') answers.emplace_back(text_of(its->text));
      answered = its->last != 0;
    }
  }
};

class StoreThreadTest : public testing::Test {
 protected:
  void start() {
    auto started = StoreThread::start({.directory = directory_.path(),
                                       .tuning = {},
                                       .boot = "boot",
                                       .clocks =
                                           [] {
                                             return ClockReading{instant_now(), wall_now()};
                                           },
                                       .retry = 20ms});
    ASSERT_TRUE(started);
    thread_ = std::move(*started);
  }
  // Until `done` holds of all that was said so far; a minute at most.
  template <class Done>
  bool wait(Done done) {
    const Instant late = instant_now() + 1min;
    while (instant_now() < late) {
      if (done()) return true;
      pollfd readable{.fd = thread_->fd(), .events = POLLIN, .revents = 0};
      (void)::poll(&readable, 1, 100);
      for (const FromFollower& news : thread_->take(64)) {
        said_.take(news);
        if (done()) return true;
      }
    }
    return done();
  }
  bool loaded(std::uint32_t durable) {
    return wait([&] { return said_.durable == durable; });
  }
  bool kept(std::uint64_t number) {
    return wait([&] { return said_.kept >= number; });
  }
  void begin_with_nothing(std::uint64_t number) {
    thread_->tell(BeginMessage{});
    thread_->tell(end(number));
    ASSERT_TRUE(kept(number));
  }
  bool was_said(const std::string& part) const {
    return std::ranges::any_of(said_.texts, [&](const std::string& text) { return text.find(part) != std::string::npos; });
  }

  TemporaryDirectory directory_;
  Said said_;
  std::unique_ptr<StoreThread> thread_;  // the last: it writes into the directory
};

TEST_F(StoreThreadTest, KeepsWhatItIsToldAndSaysSo) {
  start();
  ASSERT_TRUE(loaded(1));
  begin_with_nothing(1);
  for (std::uint32_t each = 0; each < 1000; ++each) thread_->tell(ban(each, 2 + each));
  ASSERT_TRUE(kept(1001));
  thread_.reset();
  start();
  said_ = {};
  ASSERT_TRUE(loaded(1));
  EXPECT_EQ(said_.bans.size(), 1000U);
}

TEST_F(StoreThreadTest, WritesWhatIsQueuedBeforeItEnds) {
  start();
  ASSERT_TRUE(loaded(1));
  begin_with_nothing(1);
  for (std::uint32_t each = 0; each < 10'000; ++each) thread_->tell(ban(each, 2 + each));
  thread_->finish();  // nobody takes what it says any more
  thread_.reset();
  start();
  said_ = {};
  ASSERT_TRUE(loaded(1));
  EXPECT_EQ(said_.bans.size(), 10'000U);
}

TEST_F(StoreThreadTest, WhatIsToldBeforeTheBeginIsNotAWhole) {
  start();
  ASSERT_TRUE(loaded(1));
  thread_->tell(ban(1, 5));
  thread_->tell(end(6));
  begin_with_nothing(7);
  EXPECT_EQ(said_.kept, 7U);
  thread_.reset();
  start();
  said_ = {};
  ASSERT_TRUE(loaded(1));
  EXPECT_TRUE(said_.bans.empty());
}

TEST_F(StoreThreadTest, NumbersCountOnlyBehindTheEnd) {
  start();
  ASSERT_TRUE(loaded(1));
  thread_->tell(BeginMessage{});
  thread_->tell(ban(1, 9));
  // A question is answered behind what was told before it.
  AskMessage question{.number = 3, .most = 10};
  thread_->tell(question);
  ASSERT_TRUE(wait([&] { return said_.answered; }));
  EXPECT_EQ(said_.kept, 0U);
  ASSERT_EQ(said_.answers.size(), 1U);
  EXPECT_TRUE(said_.answers[0].starts_with(R"({"prefix":"0.0.0.1","origin":"sensor","reason":"sensor trap","node":"","since":)"))
      << said_.answers[0];
  thread_->tell(end(9));
  EXPECT_TRUE(kept(9));
}

TEST_F(StoreThreadTest, SaysOnceThatItCannotAndCatchesUp) {
  // Nobody may make a file of that name.
  std::filesystem::create_directory(directory_.path() + "/bans.db");
  start();
  ASSERT_TRUE(loaded(0));
  EXPECT_TRUE(was_said("bans are not kept: " + directory_.path() + "/bans.db")) << said_.texts.front();
  thread_->tell(BeginMessage{});
  thread_->tell(ban(1, 1));
  thread_->tell(end(1));
  AskMessage question{.number = 3, .most = 10};
  thread_->tell(question);
  ASSERT_TRUE(wait([&] { return said_.answered; }));
  EXPECT_EQ(said_.answers, std::vector<std::string>{"bans are not kept"});
  std::filesystem::remove(directory_.path() + "/bans.db");
  ASSERT_TRUE(loaded(1));
  EXPECT_TRUE(was_said("bans are kept again"));
  EXPECT_EQ(said_.texts.size(), 2U) << "each is said once";
  thread_->tell(BeginMessage{});
  thread_->tell(ban(1, 1));
  thread_->tell(end(2));
  EXPECT_TRUE(kept(2));
}

TEST_F(StoreThreadTest, AFileThatWasRemovedIsMadeAnew) {
  start();
  ASSERT_TRUE(loaded(1));
  begin_with_nothing(1);
  std::filesystem::remove(directory_.path() + "/bans.db");
  said_.durable.reset();
  thread_->tell(ban(1, 2));
  ASSERT_TRUE(loaded(1)) << "the engine is asked to tell all";
  EXPECT_TRUE(was_said("was removed or replaced"));
  EXPECT_EQ(said_.kept, 1U) << "what went into the removed file is not kept";
  thread_->tell(BeginMessage{});
  thread_->tell(ban(1, 2));
  thread_->tell(end(2));
  ASSERT_TRUE(kept(2));
  thread_.reset();
  start();
  said_ = {};
  ASSERT_TRUE(loaded(1));
  EXPECT_EQ(said_.bans.size(), 1U);
}

TEST_F(StoreThreadTest, DamageThatIsFoundLaterCostsNothing) {
  start();
  ASSERT_TRUE(loaded(1));
  thread_->tell(BeginMessage{});
  for (std::uint32_t each = 0; each < 5000; ++each) thread_->tell(ban(each, 1));
  thread_->tell(end(1));
  ASSERT_TRUE(kept(1));
  thread_.reset();
  {
    // All pages but the first, which a file is known by, and those of the lists of tables.
    std::fstream file(directory_.path() + "/bans.db", std::ios::binary | std::ios::in | std::ios::out);
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(directory_.path() + "/bans.db"));
    for (std::streamoff page = 4096 * 12; page < size; page += 4096) file.seekp(page) << std::string(512, '\xff');
  }
  start();
  said_ = {};
  ASSERT_TRUE(loaded(1));
  EXPECT_TRUE(was_said("the file of bans was damaged")) << said_.texts.size();
  thread_->tell(BeginMessage{});
  thread_->tell(ban(1, 1));
  thread_->tell(end(2));
  EXPECT_TRUE(kept(2));
  int aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
    aside += entry.path().filename().string().starts_with("bans.db.damaged-") ? 1 : 0;
  EXPECT_EQ(aside, 1);
}

// More than both queues hold, and nobody takes what the thread says for a while.
TEST_F(StoreThreadTest, MoreThanItsQueueIsNotLost) {
  start();
  ASSERT_TRUE(loaded(1));
  thread_->tell(BeginMessage{});
  constexpr std::uint32_t kMany = 3 * StoreThread::kMaxOrders;
  for (std::uint32_t each = 0; each < kMany; ++each) thread_->tell(ban(each, 1));
  thread_->tell(end(1));
  said_.durable.reset();
  ASSERT_TRUE(wait([&] { return said_.kept >= 1 || said_.durable; }));
  if (said_.kept < 1) GTEST_SKIP() << "this disk is so slow that all had to be asked for anew";
  thread_.reset();
  start();
  said_ = {};
  ASSERT_TRUE(loaded(1));
  EXPECT_EQ(said_.bans.size(), kMany);
}

TEST(HistoryLine, IsAnObject) {
  const PastBan past{.prefix = Prefix::of(Address::v4(0xc0000200), 120),
                     .origin = BanOrigin::fleet,
                     .reason = "said \"no\" \\ \x01",
                     .node = "gate-2",
                     .hits = 3,
                     .times = 2,
                     .since = WallTime(1000s),
                     .until = WallTime(2000s),
                     .ended = WallTime(1500s),
                     .why = BanEnd::lifted,
                     .lifted_by = BanOrigin::operator_};
  EXPECT_EQ(
      history_line(past),
      R"({"prefix":"192.0.2.0/24","origin":"fleet","reason":"said \"no\" \\ ?","node":"gate-2","since":1000,"until":2000,"ended":1500,)"
      R"("why":"lifted","lifted_by":"operator","times":2,"hits":3})");
}

TEST(HistoryLine, FitsIntoAMessage) {
  PastBan past{.prefix = Prefix::of(parse_address("2001:db8:1111:2222:3333:4444:5555:6666").value(), 127),
               .origin = BanOrigin::operator_,
               .reason = std::string(500, '"'),
               .node = std::string(500, '\\'),
               .hits = UINT32_MAX,
               .times = UINT32_MAX,
               .since = WallTime(std::chrono::seconds(-9'000'000'000)),
               .until = WallTime(std::chrono::seconds(9'000'000'000)),
               .ended = WallTime(std::chrono::seconds(9'000'000'000)),
               .why = BanEnd::replaced,
               .lifted_by = BanOrigin::operator_};
  const std::string line = history_line(past);
  EXPECT_LT(line.size(), sizeof(AnswerMessage::text));
  EXPECT_TRUE(line.ends_with("}"));
}

}  // namespace
}  // namespace reeve
