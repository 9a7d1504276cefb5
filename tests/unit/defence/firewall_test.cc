// In a network namespace of its own, as root or as a user who may make one; skipped elsewhere.
#include "defence/firewall.h"

#include <sched.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sys/clock.h"

namespace reeve {
namespace {

using std::chrono::seconds;

constexpr const char* kTable = "reeve_test";

Prefix prefix(const char* address, unsigned bits) {
  const auto parsed = parse_address(address).value();
  return Prefix::of(parsed, parsed.is_v4() ? bits + 96 : bits);
}

class FirewallTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) GTEST_SKIP() << "no network namespace of our own";
    auto session = NftSession::open();
    if (!session || !session->run("list tables")) GTEST_SKIP() << "no nftables here";
    by_hand_.emplace(std::move(*session));
    open(true);
  }
  void open(bool bans) {
    auto opened = Firewall::open({.table = kTable, .comment = "reeved, test", .bans = bans, .all_ports = false},
                                 [this](const FromFollower& message) { hear(message); });
    ASSERT_TRUE(opened) << opened.error().text();
    firewall_ = std::move(*opened);
  }
  void hear(const FromFollower& message) {
    if (const auto* said = std::get_if<SayMessage>(&message)) said_ += std::string(text_of(said->text)) + "\n";
    if (const auto* state = std::get_if<StateMessage>(&message)) states_[std::string(text_of(state->name))] = text_of(state->text);
  }
  void begin() {
    GuardedMessage guarded;
    guarded.first = guarded.last = 1;
    guarded.count = 2;
    guarded.prefixes[0] = to_wire(prefix("10.0.0.0", 8));
    guarded.prefixes[1] = to_wire(prefix("10.1.2.3", 32));
    firewall_->take(guarded);
    ports(0);
    firewall_->take(BeginMessage{});
  }
  void ports(std::uint16_t sensor) {
    PortsMessage message;
    message.first = message.last = 1;
    message.count = sensor == 0 ? 1 : 2;
    message.ports[0] = {.port = 23, .protocol = 6, .v4 = 1, .v6 = 1};
    message.ports[1] = {.port = sensor, .protocol = 6, .v4 = 1, .v6 = 1, .is_sensor = 1};
    firewall_->take(message);
  }
  void ban(const Prefix& whom, std::optional<seconds> left) {
    BanMessage message;
    message.prefix = to_wire(whom);
    message.until_ns = left ? (instant_now() + *left).time_since_epoch().count() : kForEverNs;
    firewall_->take(message);
  }
  void end() {
    firewall_->take(EndOfBansMessage{});
    work();
  }
  // Everything that is to be done now.
  void work() {
    for (int each = 0; each < 10'000; ++each) {
      const Instant again = firewall_->work(instant_now());
      if (again > instant_now()) return;
    }
  }
  // As if the time of the next look had come.
  void look() {
    (void)firewall_->work(instant_now() + std::chrono::hours(1));
    work();
  }
  NftListing listing() { return parse_nft_listing(by_hand_->list_table(kTable)->value_or("")); }
  std::size_t banned() { return listing().bans.size(); }

  std::optional<NftSession> by_hand_;
  std::unique_ptr<Firewall> firewall_;
  std::string said_;
  std::map<std::string, std::string> states_;
};

TEST_F(FirewallTest, NothingBeforeEverythingIsTold) {
  begin();
  work();
  EXPECT_EQ(by_hand_->list_table(kTable)->value_or(""), "");
  end();
  EXPECT_NE(listing().structure.find("10.0.0.0/8"), std::string::npos);
  EXPECT_EQ(states_["firewall"], "in force");
}

TEST_F(FirewallTest, PrefixesInOneAnotherHaveTheirOwnEnds) {
  begin();
  ban(prefix("192.0.2.0", 24), seconds(600));
  ban(prefix("192.0.2.7", 32), std::nullopt);
  ban(prefix("2001:db8::", 64), seconds(60));
  end();
  const NftListing found = listing();
  ASSERT_EQ(found.bans.size(), 3u);
  for (const auto& each : found.bans) EXPECT_EQ(each.left.has_value(), each.prefix != prefix("192.0.2.7", 32));
  EXPECT_EQ(states_["kernel_bans"], "3");
}

TEST_F(FirewallTest, ExtendedAndLifted) {
  begin();
  ban(prefix("192.0.2.7", 32), seconds(60));
  end();
  ban(prefix("192.0.2.7", 32), seconds(6000));
  work();
  ASSERT_EQ(banned(), 1u);
  EXPECT_GT(listing().bans[0].left, seconds(5000));
  LiftMessage lift;
  lift.prefix = to_wire(prefix("192.0.2.7", 32));
  firewall_->take(lift);
  work();
  EXPECT_EQ(banned(), 0u);
}

TEST_F(FirewallTest, AFlushByOthersIsRepaired) {
  begin();
  ban(prefix("192.0.2.7", 32), seconds(600));
  end();
  ASSERT_TRUE(by_hand_->run("flush ruleset"));
  look();
  EXPECT_EQ(banned(), 1u);
  EXPECT_NE(listing().structure.find("@ban4_32"), std::string::npos);
  EXPECT_NE(said_.find("removed our table"), std::string::npos);
  EXPECT_NE(states_["kernel_drift"], "0");
}

TEST_F(FirewallTest, ChangesByOthersAreRepaired) {
  begin();
  ban(prefix("192.0.2.7", 32), seconds(600));
  ban(prefix("192.0.2.8", 32), seconds(600));
  end();
  const std::string before = listing().structure;
  ASSERT_TRUE(by_hand_->run("delete element inet reeve_test ban4_32 { 192.0.2.7 }\nadd element inet reeve_test ban4_32 { 9.9.9.9 }"));
  look();
  EXPECT_EQ(banned(), 2u);
  EXPECT_EQ(states_["kernel_drift"], "2");
  ASSERT_TRUE(by_hand_->run("flush chain inet reeve_test incoming"));
  look();
  EXPECT_EQ(listing().structure, before);
  ASSERT_TRUE(by_hand_->run("flush set inet reeve_test guarded4"));
  look();
  EXPECT_EQ(listing().structure, before);
  EXPECT_EQ(states_["kernel_drift"], "4");
}

TEST_F(FirewallTest, ItsOwnChangesAreNoDrift) {
  begin();
  ban(prefix("192.0.2.7", 32), seconds(600));
  end();
  ban(prefix("192.0.2.0", 25), seconds(600));
  work();
  begin();  // who is guarded is told again
  ban(prefix("192.0.2.7", 32), seconds(600));
  end();
  ports(4711);
  work();
  look();
  EXPECT_EQ(banned(), 1u);
  EXPECT_EQ(states_["kernel_drift"], "0");
  EXPECT_EQ(said_, "");
  EXPECT_NE(listing().structure.find("dnat to :4711"), std::string::npos);
  ports(0);
  work();
  EXPECT_EQ(listing().structure.find("dnat"), std::string::npos);
}

TEST_F(FirewallTest, TakesOverWhatItsPredecessorLeft) {
  begin();
  ban(prefix("192.0.2.7", 32), seconds(600));
  ban(prefix("192.0.2.0", 24), seconds(600));
  end();
  firewall_.reset();  // it died
  EXPECT_EQ(banned(), 2u);
  open(true);
  begin();
  ban(prefix("192.0.2.7", 32), seconds(600));
  end();
  EXPECT_EQ(banned(), 1u);
  EXPECT_EQ(said_, "");
}

TEST_F(FirewallTest, ATableThatIsNotOursMakesRoom) {
  ASSERT_TRUE(by_hand_->run("add table inet reeve_test\nadd set inet reeve_test ban4_32 { type inet_service; }"));
  begin();
  ban(prefix("192.0.2.7", 32), seconds(600));
  end();
  EXPECT_EQ(banned(), 1u);
  EXPECT_EQ(states_["firewall"], "in force");
}

TEST_F(FirewallTest, LeavesNothingBehind) {
  begin();
  ban(prefix("192.0.2.7", 32), seconds(600));
  end();
  ports(4711);
  work();
  ASSERT_TRUE(firewall_->leave());
  EXPECT_EQ(by_hand_->list("list ruleset").value(), "");
  EXPECT_TRUE(firewall_->leave());
}

TEST_F(FirewallTest, HundredThousandBans) {
  begin();
  for (std::uint32_t each = 0; each < 100'000; ++each) {
    BanMessage message;
    message.prefix = to_wire(Prefix::host(Address::v4(0x14000000 + each * 7)));
    message.until_ns = (instant_now() + seconds(600)).time_since_epoch().count();
    firewall_->take(message);
  }
  const Instant before = instant_now();
  end();
  const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(instant_now() - before);
  RecordProperty("milliseconds", static_cast<int>(taken.count()));
  EXPECT_EQ(states_["kernel_bans"], "100000");
  EXPECT_EQ(banned(), 100'000u);
  look();
  EXPECT_EQ(states_["kernel_drift"], "0");
}

}  // namespace
}  // namespace reeve
