// What the store gives back of what it was told.
#include "defence/ban_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "base/address.h"
#include "unit/defence/temporary_directory.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;
using Kind = DatabaseError::Kind;

constexpr WallTime kDate{std::chrono::seconds(1'764'072'000)};

// Both clocks at a time of the test's choice.
ClockReading at(std::chrono::nanoseconds since_start) {
  return {Instant(1000s + since_start), kDate + since_start};
}

Prefix prefix(const std::string& text) {
  const auto slash = text.find('/');
  const Address address = parse_address(text.substr(0, slash)).value();
  const unsigned bits =
      slash == std::string::npos ? 128 : static_cast<unsigned>(std::stoi(text.substr(slash + 1))) + (address.is_v4() ? 96 : 0);
  return Prefix::of(address, bits);
}

std::int64_t ns(std::chrono::nanoseconds since_start) {
  return at(since_start).instant.time_since_epoch().count();
}

BanMessage ban(const std::string& whom, std::chrono::nanoseconds since, std::optional<std::chrono::nanoseconds> until,
               const char* reason = "sensor trap") {
  BanMessage message{.prefix = to_wire(prefix(whom)), .since_ns = ns(since), .until_ns = until ? ns(*until) : kForEverNs};
  put_words(message.reason, reason);
  return message;
}

LiftMessage lift(const std::string& whom) {
  return {.prefix = to_wire(prefix(whom))};
}

std::string name(const WirePrefix& wire) {
  return to_text(Prefix{Address(wire.address), wire.bits});
}

class BanStoreTest : public testing::Test {
 protected:
  void SetUp() override { open(0s); }
  void open(std::chrono::nanoseconds when, const std::string& boot = "boot-1") {
    store_.reset();
    auto opened = BanStore::open(directory_.path(), tuning_, boot, at(when));
    ASSERT_TRUE(opened) << opened.error().what;
    store_ = std::move(opened->store);
    moved_to_ = opened->moved_to;
  }
  void apply(std::vector<StoreChange> changes, std::chrono::nanoseconds when) {
    const auto done = store_->apply(changes, at(when));
    ASSERT_TRUE(done) << done.error().what;
  }
  std::map<std::string, BanMessage> load(std::chrono::nanoseconds when) {
    std::map<std::string, BanMessage> bans;
    const auto done = store_->load(at(when), [&](const BanMessage& message) {
      bans[name(message.prefix)] = message;
      return true;
    });
    EXPECT_TRUE(done) << done.error().what;
    return bans;
  }
  std::vector<std::string> names(std::chrono::nanoseconds when) {
    std::vector<std::string> all;
    for (const auto& [name, message] : load(when)) all.push_back(name);
    return all;
  }
  std::map<std::string, OffenderMessage> offenders(std::chrono::nanoseconds when) {
    std::map<std::string, OffenderMessage> all;
    const auto done = store_->offenders(at(when), [&](const OffenderMessage& message) {
      all[name(message.prefix)] = message;
      return true;
    });
    EXPECT_TRUE(done) << done.error().what;
    return all;
  }
  void tidy(std::chrono::nanoseconds when) {
    for (;;) {
      const auto more = store_->tidy(at(when));
      ASSERT_TRUE(more) << more.error().what;
      if (!*more) return;
    }
  }
  std::vector<PastBan> history(const std::string& around, std::chrono::nanoseconds when, std::uint32_t most = 100) {
    std::vector<PastBan> all;
    const auto done =
        store_->history(around.empty() ? Prefix{{}, 0} : prefix(around), most, at(when), [&](const PastBan& one) { all.push_back(one); });
    EXPECT_TRUE(done) << done.error().what;
    return all;
  }
  std::vector<std::string> history_names(const std::string& around, std::chrono::nanoseconds when, std::uint32_t most = 100) {
    std::vector<std::string> all;
    for (const PastBan& one : history(around, when, most)) all.push_back(to_text(one.prefix));
    return all;
  }

  using Names = std::vector<std::string>;
  TemporaryDirectory directory_;
  StoreTuning tuning_{.memory = 30min};
  std::unique_ptr<BanStore> store_;
  std::string moved_to_;
};

TEST_F(BanStoreTest, GivesBackWhatItWasTold) {
  BanMessage told = ban("192.0.2.1", 1s, 3600s, "sensor trap on port 23");
  told.origin = BanOrigin::fleet;
  told.hits = 7;
  told.times = 3;
  put_words(told.node, "gate-2");
  apply({told, ban("2001:db8::/48", 2s, std::nullopt)}, 3s);
  open(4s);
  const auto bans = load(4s);
  ASSERT_EQ(bans.size(), 2U);
  const BanMessage& one = bans.at("192.0.2.1");
  EXPECT_EQ(one.origin, BanOrigin::fleet);
  EXPECT_EQ(one.hits, 7U);
  EXPECT_EQ(one.times, 3U);
  EXPECT_EQ(one.since_ns, told.since_ns);
  EXPECT_EQ(one.until_ns, told.until_ns);
  EXPECT_EQ(text_of(one.reason), "sensor trap on port 23");
  EXPECT_EQ(text_of(one.node), "gate-2");
  EXPECT_EQ(bans.at("2001:db8::/48").until_ns, kForEverNs);
}

TEST_F(BanStoreTest, WhatHasEndedDoesNotComeBack) {
  apply({ban("192.0.2.1", 1s, 60s), ban("192.0.2.2", 1s, 120s)}, 1s);
  open(61s);
  EXPECT_EQ(names(61s), Names{"192.0.2.2"});
  EXPECT_EQ(names(120s), Names{});
}

TEST_F(BanStoreTest, ALiftIsKept) {
  apply({ban("192.0.2.1", 1s, 3600s), ban("192.0.2.2", 1s, 3600s)}, 1s);
  apply({lift("192.0.2.1"), lift("198.51.100.1")}, 2s);
  open(3s);
  EXPECT_EQ(names(3s), Names{"192.0.2.2"});
}

TEST_F(BanStoreTest, ASecondHitExtendsTheSameBan) {
  apply({ban("192.0.2.1", 1s, 60s)}, 1s);
  BanMessage again = ban("192.0.2.1", 1s, 90s, "sensor other");
  again.hits = 2;
  apply({again}, 30s);
  open(61s);
  const auto bans = load(61s);
  ASSERT_EQ(bans.size(), 1U);
  EXPECT_EQ(bans.begin()->second.until_ns, ns(90s));
  EXPECT_EQ(bans.begin()->second.hits, 2U);
  EXPECT_EQ(text_of(bans.begin()->second.reason), "sensor other");
  EXPECT_EQ(history("", 61s).size(), 1U);
}

TEST_F(BanStoreTest, AnEngineThatBeganAnewDoesNotMakeABanYounger) {
  BanMessage first = ban("192.0.2.1", 1s, 3600s);
  first.origin = BanOrigin::fleet;
  first.hits = 9;
  first.times = 4;
  put_words(first.node, "gate-2");
  apply({first}, 1s);
  BanMessage known_less = ban("192.0.2.1", 50s, 3600s);
  known_less.origin = BanOrigin::fleet;
  apply({BeginMessage{}, known_less, EndOfBansMessage{}}, 50s);
  const auto bans = load(51s);
  ASSERT_EQ(bans.size(), 1U);
  EXPECT_EQ(bans.begin()->second.since_ns, ns(1s));
  EXPECT_EQ(bans.begin()->second.hits, 9U);
  EXPECT_EQ(bans.begin()->second.times, 4U);
  EXPECT_EQ(bans.begin()->second.origin, BanOrigin::fleet);
  EXPECT_EQ(text_of(bans.begin()->second.node), "gate-2");
  EXPECT_EQ(history("", 51s).size(), 1U);
}

TEST_F(BanStoreTest, WhatTheEngineDoesNotTellBetweenBeginAndEndIsGone) {
  apply({ban("192.0.2.1", 1s, 3600s), ban("192.0.2.2", 1s, 3600s), ban("192.0.2.3", 1s, 60s)}, 1s);
  apply({BeginMessage{}, ban("192.0.2.2", 1s, 3600s)}, 100s);
  EXPECT_EQ(names(100s), (Names{"192.0.2.1", "192.0.2.2"})) << "before the end nothing is known to be gone";
  apply({ban("192.0.2.9", 100s, 3600s), EndOfBansMessage{}}, 101s);
  EXPECT_EQ(names(101s), (Names{"192.0.2.2", "192.0.2.9"}));
  tidy(120s);
  std::map<std::string, BanEnd> ends;
  for (const PastBan& one : history("", 120s)) {
    if (one.ended) ends[to_text(one.prefix)] = one.why;
  }
  EXPECT_EQ(ends, (std::map<std::string, BanEnd>{{"192.0.2.1", BanEnd::lifted}, {"192.0.2.3", BanEnd::expired}}));
}

TEST_F(BanStoreTest, AnEndWithoutABeginRemovesNothing) {
  apply({ban("192.0.2.1", 1s, 3600s)}, 1s);
  apply({EndOfBansMessage{}}, 2s);
  EXPECT_EQ(names(2s), Names{"192.0.2.1"});
}

TEST_F(BanStoreTest, RemembersFormerOffenders) {
  BanMessage third = ban("192.0.2.1", 1s, 60s);
  third.times = 3;
  apply({third, ban("192.0.2.2", 1s, 60s), ban("192.0.2.3", 1s, 7200s)}, 1s);
  const auto at_once = offenders(65s);  // not moved to the past yet
  ASSERT_EQ(at_once.size(), 2U);
  tidy(100s);
  const auto all = offenders(100s);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.at("192.0.2.1").times, 3U);
  EXPECT_EQ(all.at("192.0.2.1").ended_ns, ns(60s));
  apply({ban("192.0.2.2", 200s, 7200s)}, 200s);
  EXPECT_EQ(offenders(200s).size(), 1U) << "who is banned again is in force";
  EXPECT_EQ(offenders(60s + 31min).size(), 0U) << "longer than the memory";
}

TEST_F(BanStoreTest, WhoWasForgivenIsNoFormerOffender) {
  BanMessage second = ban("192.0.2.1", 100s, 200s);
  second.times = 2;
  apply({ban("192.0.2.1", 1s, 60s)}, 1s);
  apply({second}, 100s);
  apply({lift("192.0.2.1")}, 110s);
  EXPECT_EQ(offenders(120s).size(), 0U);
  apply({ban("192.0.2.1", 300s, 360s)}, 300s);
  tidy(400s);
  ASSERT_EQ(offenders(400s).size(), 1U);
  EXPECT_EQ(offenders(400s).begin()->second.times, 1U);
}

TEST_F(BanStoreTest, TellsTheLifeOfEachBan) {
  apply({ban("192.0.2.1", 1s, 60s), ban("192.0.2.2", 2s, 3600s), ban("192.0.2.3", 3s, std::nullopt)}, 3s);
  apply({lift("192.0.2.2")}, 30s);
  tidy(80s);
  const auto all = history("", 100s);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(to_text(all[0].prefix), "192.0.2.3");  // in force first
  EXPECT_FALSE(all[0].ended || all[0].until);
  EXPECT_EQ(all[0].since, kDate + 3s);
  EXPECT_EQ(to_text(all[1].prefix), "192.0.2.1");  // then who ended last
  EXPECT_EQ(all[1].why, BanEnd::expired);
  EXPECT_EQ(all[1].ended, kDate + 60s);
  EXPECT_FALSE(all[1].lifted_by);
  EXPECT_EQ(to_text(all[2].prefix), "192.0.2.2");
  EXPECT_EQ(all[2].why, BanEnd::lifted);
  EXPECT_EQ(all[2].lifted_by, BanOrigin::operator_);
  EXPECT_EQ(all[2].ended, kDate + 30s);
  EXPECT_EQ(all[2].until, kDate + 3600s);
  EXPECT_EQ(history("", 100s, 2).size(), 2U);
}

TEST_F(BanStoreTest, TellsOfWhoLiesInAPrefixAndWhoHoldsIt) {
  apply({ban("192.0.2.0/24", 1s, 3600s), ban("192.0.2.7", 2s, 3600s), ban("192.0.3.1", 3s, 3600s), ban("2001:db8::1", 4s, 3600s)}, 5s);
  EXPECT_EQ(history_names("192.0.2.7", 5s), (Names{"192.0.2.7", "192.0.2.0/24"}));
  EXPECT_EQ(history_names("192.0.2.8", 5s), Names{"192.0.2.0/24"});
  EXPECT_EQ(history_names("192.0.0.0/16", 5s), (Names{"192.0.3.1", "192.0.2.7", "192.0.2.0/24"}));
  EXPECT_EQ(history_names("2001:db8::/32", 5s), Names{"2001:db8::1"});
  apply({lift("192.0.2.0/24"), lift("192.0.2.7")}, 10s);
  EXPECT_EQ(history_names("192.0.2.7", 11s), (Names{"192.0.2.7", "192.0.2.0/24"}));
}

TEST_F(BanStoreTest, ABanAfterItsEndIsAnother) {
  apply({ban("192.0.2.1", 1s, 60s)}, 1s);
  BanMessage second = ban("192.0.2.1", 61s, 200s);
  second.times = 2;
  apply({second}, 61s);
  const auto all = history("", 62s);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_FALSE(all[0].ended);
  EXPECT_EQ(all[0].times, 2U);
  EXPECT_EQ(all[1].why, BanEnd::expired);
}

TEST_F(BanStoreTest, AnExtensionThatIsToldAMomentLateIsNoSecondLife) {
  apply({ban("192.0.2.1", 1s, 60s)}, 1s);
  tidy(61s);
  apply({ban("192.0.2.1", 1s, 90s)}, 61s);
  EXPECT_EQ(history("", 62s).size(), 1U);
}

TEST_F(BanStoreTest, ThePastHasABound) {
  tuning_.most_past = 1500;
  open(0s);
  std::vector<StoreChange> changes;
  for (int each = 0; each < 4000; ++each)
    changes.emplace_back(ban("10.0." + std::to_string(each / 250) + "." + std::to_string(each % 250), 1s, 60s));
  apply(changes, 1s);
  tidy(100s);
  EXPECT_EQ(store_->bans(), 0);
  EXPECT_EQ(history("", 100s, 10'000).size(), 1500U);
}

TEST_F(BanStoreTest, ThePastHasAnAge) {
  apply({ban("192.0.2.1", 1s, 60s)}, 1s);
  tidy(100s);
  apply({ban("192.0.2.2", 89 * 24h, 89 * 24h + 1s)}, 89 * 24h);
  tidy(89 * 24h + 1min);
  EXPECT_EQ(history("", 89 * 24h + 1min).size(), 2U);
  tidy(90 * 24h + 2min);
  EXPECT_EQ(history_names("", 90 * 24h + 2min), Names{"192.0.2.2"});
}

TEST_F(BanStoreTest, AtTheBoundTheBanThatEndsFirstMakesRoom) {
  tuning_.most_bans = 3;
  open(0s);
  apply({ban("192.0.2.1", 1s, 300s), ban("192.0.2.2", 1s, 200s), ban("192.0.2.3", 1s, std::nullopt), ban("192.0.2.4", 1s, 400s)}, 1s);
  EXPECT_EQ(names(2s), (Names{"192.0.2.1", "192.0.2.3", "192.0.2.4"}));
  EXPECT_EQ(store_->bans(), 3);
  EXPECT_EQ(history("192.0.2.2", 2s).front().why, BanEnd::replaced);
}

TEST_F(BanStoreTest, NothingIsWrittenWhereNothingIsDue) {
  apply({ban("192.0.2.1", 1s, 3600s)}, 1s);
  const auto before = std::filesystem::last_write_time(directory_.path() + "/bans.db-wal");
  tidy(100s);
  EXPECT_EQ(std::filesystem::last_write_time(directory_.path() + "/bans.db-wal"), before);
  EXPECT_GE(*store_->next_end(), at(3600s).instant);
  apply({lift("192.0.2.1")}, 2s);
  EXPECT_EQ(*store_->next_end(), std::nullopt);
}

TEST_F(BanStoreTest, OnlyItsOwnerCanRead) {
  apply({ban("192.0.2.1", 1s, 3600s)}, 1s);
  for (const char* file : {"/bans.db", "/bans.db-wal"}) {
    struct stat facts {};
    ASSERT_EQ(::stat((directory_.path() + file).c_str(), &facts), 0) << file;
    EXPECT_EQ(facts.st_mode & 07777, 0600U) << file;
  }
  store_.reset();
  ASSERT_EQ(::chmod((directory_.path() + "/bans.db").c_str(), 0644), 0);
  open(2s);
  struct stat facts {};
  ASSERT_EQ(::stat((directory_.path() + "/bans.db").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0600U);
}

TEST_F(BanStoreTest, ALinkInItsPlaceIsNotFollowed) {
  store_.reset();
  std::filesystem::rename(directory_.path() + "/bans.db", directory_.path() + "/elsewhere");
  std::filesystem::create_symlink("elsewhere", directory_.path() + "/bans.db");
  const auto opened = BanStore::open(directory_.path(), tuning_, "boot-1", at(1s));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Kind::failed);
}

TEST_F(BanStoreTest, ASecondDaemonIsRefused) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto opened = BanStore::open(directory_.path(), tuning_, "boot-1", at(1s));
    ::_exit(opened ? 1 : opened.error().kind == Kind::held ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(BanStoreTest, ARebootCountsByTheWallClock) {
  apply({ban("192.0.2.1", 1s, 3600s)}, 1s);
  store_.reset();
  // 30 minutes later the machine is up for 10 seconds.
  const ClockReading after{Instant(10s), kDate + 1800s};
  auto opened = BanStore::open(directory_.path(), tuning_, "boot-2", after);
  ASSERT_TRUE(opened);
  std::vector<BanMessage> bans;
  ASSERT_TRUE(opened->store->load(after, [&](const BanMessage& one) { return bans.push_back(one), true; }));
  ASSERT_EQ(bans.size(), 1U);
  EXPECT_EQ(Instant(std::chrono::nanoseconds(bans[0].until_ns)), Instant(10s + 1800s));
}

void spoil(const std::string& path, std::streamoff at, std::size_t size) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(at);
  file << std::string(size, '\xa5');
}

TEST_F(BanStoreTest, AFileThatIsNoDatabaseIsMovedAside) {
  apply({ban("192.0.2.1", 1s, 3600s)}, 1s);
  store_.reset();
  spoil(directory_.path() + "/bans.db", 0, 64);
  open(2s);
  EXPECT_TRUE(moved_to_.starts_with(directory_.path() + "/bans.db.damaged-20251125T")) << moved_to_;
  EXPECT_TRUE(std::filesystem::exists(moved_to_));
  EXPECT_EQ(names(2s), Names{});
  apply({ban("192.0.2.2", 2s, 3600s)}, 2s);
  // And again within the same second: no file takes the place of another.
  store_.reset();
  const std::string first = moved_to_;
  spoil(directory_.path() + "/bans.db", 0, 64);
  open(2s);
  EXPECT_EQ(moved_to_, first + "-2");
  EXPECT_TRUE(std::filesystem::exists(first));
}

TEST_F(BanStoreTest, TablesOfSomebodyElseAreMovedAside) {
  store_.reset();
  std::filesystem::remove(directory_.path() + "/bans.db");
  std::ofstream(directory_.path() + "/bans.db").close();
  {
    auto other = Database::open(directory_.path() + "/bans.db");
    ASSERT_TRUE(other);
    ASSERT_TRUE(other->execute("CREATE TABLE bans (it TEXT); PRAGMA user_version = 1;"));
  }
  open(1s);
  EXPECT_FALSE(moved_to_.empty());
}

TEST_F(BanStoreTest, AFileOfALaterVersionIsLeftAlone) {
  store_.reset();
  {
    auto later = Database::open(directory_.path() + "/bans.db");
    ASSERT_TRUE(later);
    ASSERT_TRUE(later->execute("PRAGMA user_version = 99;"));
  }
  const auto opened = BanStore::open(directory_.path(), tuning_, "boot-1", at(1s));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Kind::newer);
  EXPECT_TRUE(std::filesystem::exists(directory_.path() + "/bans.db"));
}

// Damage behind the first page is found when it is read, and said as such: the caller moves the file aside.
TEST_F(BanStoreTest, DamageInsideIsNoticedByWhoReadsIt) {
  std::vector<StoreChange> changes;
  for (int each = 0; each < 2000; ++each)
    changes.emplace_back(ban("10.1." + std::to_string(each / 250) + "." + std::to_string(each % 250), 1s, 3600s));
  apply(changes, 1s);
  store_.reset();
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(directory_.path() + "/bans.db"));
  for (std::streamoff page = 4096 * 6; page < size; page += 4096) spoil(directory_.path() + "/bans.db", page, 64);
  auto opened = BanStore::open(directory_.path(), tuning_, "boot-1", at(2s));
  ASSERT_TRUE(opened);
  const bool noticed = !opened->moved_to.empty() || [&] {
    const auto done = opened->store->load(at(2s), [](const BanMessage&) { return true; });
    return !done && done.error().kind == Kind::damaged;
  }();
  EXPECT_TRUE(noticed);
}

TEST_F(BanStoreTest, KnowsThatItsFileWasRemoved) {
  EXPECT_TRUE(store_->is_in_place());
  std::filesystem::remove(directory_.path() + "/bans.db");
  EXPECT_FALSE(store_->is_in_place());
  std::ofstream(directory_.path() + "/bans.db").close();
  EXPECT_FALSE(store_->is_in_place());
}

TEST_F(BanStoreTest, ADirectoryThatIsNotThereIsRefused) {
  const auto opened = BanStore::open(directory_.path() + "/missing", tuning_, "boot-1", at(1s));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Kind::failed);
  EXPECT_NE(opened.error().what.find("No such file"), std::string::npos) << opened.error().what;
}

}  // namespace
}  // namespace reeve
