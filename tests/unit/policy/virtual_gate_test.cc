// The engine's gate in virtual time: what remembers, what ends, and what rests.
#include "policy/virtual_gate.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/config/parsing.h"

namespace reeve {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant kStart = Instant(seconds(5000));

class VirtualGateTest : public testing::Test {
 protected:
  void open(const std::string& text, std::uint32_t process_limit = kUnlimited) {
    const Parsed parsed = parse_text(text);
    ASSERT_EQ(count(parsed, Severity::error), 0U) << told(parsed);
    gate_.emplace(parsed.configuration, process_limit);
  }

  // "admitted", or the reason with its line; who is admitted stays.
  std::string visit(std::string_view id, std::string_view source, Instant now, double load = 0) {
    VirtualGate::Answer answer = ask(id, source, now, load);
    if (answer.ticket) inside.push_back(std::move(answer.ticket));
    last = std::move(answer);
    if (last.undecided() != nullptr) return "undecided";
    if (last.admitted()) return "admitted";
    return std::string(to_text(last.refusal()->reason)) + " " + std::to_string(last.refusal()->where.line);
  }
  VirtualGate::Answer ask(std::string_view id, std::string_view source, Instant now, double load) {
    return gate_->visit({.service = number_of(id), .source = parse_address(source).value(), .now = now, .local = local, .load = load});
  }
  std::uint32_t number_of(std::string_view id) const {
    const auto& services = gate_->configuration().services;
    for (std::uint32_t number = 0; number < services.size(); ++number) {
      if (services[number].id == id) return number;
    }
    ADD_FAILURE() << "there is no service " << id;
    return 0;
  }
  VirtualGate& gate() { return *gate_; }

  LocalMinute local;
  std::vector<Ticket> inside;
  VirtualGate::Answer last;

 private:
  std::optional<VirtualGate> gate_;
};

TEST_F(VirtualGateTest, CountsWhoIsInsideUntilTheTicketIsGone) {
  open(service("alpha", "instances = 3\nper_source = 2"));
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart), "admitted");
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart), "admitted");
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart), "per_source 10");
  EXPECT_EQ(visit("alpha", "192.0.2.2", kStart), "admitted");
  EXPECT_EQ(visit("alpha", "192.0.2.3", kStart), "instances 9");
  EXPECT_EQ(gate().processes(), 3U);
  inside.pop_back();
  EXPECT_EQ(visit("alpha", "192.0.2.3", kStart), "admitted");
  inside.clear();
  EXPECT_EQ(gate().processes(), 0U);
  EXPECT_EQ(gate().account(0).running(), 0U);
}

TEST_F(VirtualGateTest, CountsAdoptedInstancesWithoutTheRate) {
  open(service("alpha", "instances = 3\ncps = 1 10"));
  for (int each = 0; each < 3; ++each) inside.push_back(gate().adopt(0, *parse_address("192.0.2.1")));
  EXPECT_EQ(visit("alpha", "192.0.2.2", kStart), "instances 9");
  inside.pop_back();
  EXPECT_EQ(visit("alpha", "192.0.2.2", kStart), "admitted");
}

TEST_F(VirtualGateTest, BansWhoeverTouchesASensorUntilTheTimeIsOver) {
  open(service("alpha") + service("trap", "flags = SENSOR\ndeny_time = 2", "4002"));
  EXPECT_EQ(visit("trap", "192.0.2.1", kStart), "sensor 10");
  EXPECT_EQ(last.touch, Touch::banned);
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart), "ban 0");
  EXPECT_EQ(visit("trap", "192.0.2.1", kStart), "ban 0");
  EXPECT_EQ(visit("alpha", "192.0.2.2", kStart), "admitted");
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart + minutes(2) - seconds(1)), "ban 0");
  EXPECT_EQ(gate().bans().size(), 1U);
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart + minutes(2)), "admitted");
  EXPECT_EQ(gate().bans().size(), 0U);
}

TEST_F(VirtualGateTest, BansNoAddressOfThisHost) {
  open(service("alpha", "bind = 192.0.2.9") + service("trap", "flags = SENSOR\ndeny_time = FOREVER", "4002"));
  EXPECT_EQ(visit("trap", "192.0.2.9", kStart), "sensor 11");
  EXPECT_EQ(last.touch, Touch::spared);
  EXPECT_EQ(visit("alpha", "192.0.2.9", kStart), "admitted");
}

TEST_F(VirtualGateTest, LetsDatagramsBanOnlyWhereTheyMay) {
  const std::string trap = "flags = SENSOR\ndeny_time = 2\nsocket_type = dgram\nwait = yes";
  open(service("alpha") + service("trap", trap, "4002") + service("shy", trap + "\nudp_bans = no", "4003"));
  EXPECT_EQ(visit("shy", "192.0.2.1", kStart).substr(0, 6), "sensor");
  EXPECT_EQ(last.touch, Touch::harmless);
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart), "admitted");
  EXPECT_EQ(visit("trap", "192.0.2.1", kStart).substr(0, 6), "sensor");
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart), "ban 0");
}

TEST_F(VirtualGateTest, BansLongerEachTimeAndWhatIsAround) {
  open(defaults("ban_growth = 3\nban_prefix = 24 48") + service("alpha") + service("trap", "flags = SENSOR\ndeny_time = 2", "4002"));
  EXPECT_EQ(visit("trap", "192.0.2.1", kStart).substr(0, 6), "sensor");
  EXPECT_EQ(visit("alpha", "192.0.2.200", kStart), "ban 0");
  EXPECT_EQ(visit("alpha", "192.0.3.1", kStart), "admitted");
  const Instant again = kStart + minutes(10);
  EXPECT_EQ(visit("trap", "192.0.2.9", again).substr(0, 6), "sensor");
  EXPECT_EQ(visit("alpha", "192.0.2.1", again + minutes(6) - seconds(1)), "ban 0");
  EXPECT_EQ(visit("alpha", "192.0.2.1", again + minutes(6)), "admitted");
}

TEST_F(VirtualGateTest, SparesWhomNeverBanNames) {
  open(defaults("never_ban = 192.0.2.7\nban_prefix = 24 64") + service("alpha") + service("trap", "flags = SENSOR\ndeny_time = 2", "4002"));
  EXPECT_EQ(visit("trap", "192.0.2.7", kStart).substr(0, 6), "sensor");
  EXPECT_EQ(last.touch, Touch::spared);
  // A neighbour is banned alone.
  EXPECT_EQ(visit("trap", "192.0.2.8", kStart).substr(0, 6), "sensor");
  EXPECT_EQ(visit("alpha", "192.0.2.8", kStart), "ban 0");
  EXPECT_EQ(visit("alpha", "192.0.2.9", kStart), "admitted");
}

TEST_F(VirtualGateTest, RefusalsOfAllServicesAddUpToABan) {
  open(defaults("penalties = refused:40 sensor:25\npenalty_limit = 100 120\npenalty_decay = 60") + service("alpha") +
       service("shut", "no_access = 192.0.2.0", "4002") + service("shy", "flags = SENSOR\ndeny_time = NEVER", "4003"));
  EXPECT_EQ(visit("shut", "192.0.2.1", kStart).substr(0, 7), "address");
  EXPECT_EQ(visit("shy", "192.0.2.1", kStart).substr(0, 6), "sensor");
  EXPECT_FALSE(last.penalty);
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart), "admitted");
  EXPECT_EQ(visit("shut", "192.0.2.1", kStart).substr(0, 7), "address");
  ASSERT_TRUE(last.penalty);
  EXPECT_EQ(last.penalty->sentence.reason(), "penalties 105: refused 2 sensor 1");
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart + seconds(119)), "ban 0");
  EXPECT_EQ(gate().bans().find(*parse_address("192.0.2.1"), kStart)->origin, BanOrigin::penalty);
  EXPECT_EQ(visit("alpha", "192.0.2.2", kStart), "admitted");
}

TEST_F(VirtualGateTest, WhomLimitsRefuseOffendsNobody) {
  open(defaults("penalties = refused:100") + service("alpha", "instances = 1"));
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart), "admitted");
  for (int each = 0; each < 10; ++each) EXPECT_EQ(visit("alpha", "192.0.2.1", kStart).substr(0, 9), "instances");
  EXPECT_EQ(gate().bans().size(), 0U);
}

// Its source can be forged.
TEST_F(VirtualGateTest, ADatagramIsNoOffence) {
  open(defaults("penalties = refused:100") +
       "service echo\n{\ntype = INTERNAL\nsocket_type = dgram\nprotocol = udp\nwait = yes\n"
       "no_access = 192.0.2.0\n}\n");
  for (int each = 0; each < 10; ++each) EXPECT_EQ(visit("echo", "192.0.2.1", kStart).substr(0, 7), "address");
  EXPECT_EQ(gate().bans().size(), 0U);
}

TEST_F(VirtualGateTest, RestsWhileOneSourceAloneFloods) {
  open(service("alpha", "cps = 5 10"));
  int admitted = 0;
  for (int each = 0; each < 20; ++each) admitted += visit("alpha", "192.0.2.1", kStart) == "admitted" ? 1 : 0;
  EXPECT_EQ(admitted, 5);
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart), "cps 9");
  EXPECT_FALSE(last.unheard);
  EXPECT_TRUE(last.overload.has_value());
  // From now on nobody listens, not even for others; nothing of it is counted.
  EXPECT_EQ(visit("alpha", "192.0.2.2", kStart + seconds(5)), "cps 9");
  EXPECT_TRUE(last.unheard);
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart + seconds(11)), "admitted");
}

TEST_F(VirtualGateTest, DoesNotRestWhenSomebodyElseCame) {
  open(service("alpha", "cps = 5 10"));
  EXPECT_EQ(visit("alpha", "192.0.2.2", kStart - minutes(1)), "admitted");
  for (int each = 0; each < 20; ++each) (void)visit("alpha", "192.0.2.1", kStart);
  EXPECT_EQ(visit("alpha", "192.0.2.2", kStart + seconds(5)), "admitted");
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart + seconds(5)), "cps 9");
  EXPECT_FALSE(last.unheard);
}

TEST_F(VirtualGateTest, HeedsTimeLoadAndTheLimitOfProcesses) {
  open(service("alpha", "access_times = 08:00-17:00\nmax_load = 2.5") + service("beta", "", "4002"), 1);
  local.minute_of_day = 7 * 60;
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart), "time 9");
  local.minute_of_day = 8 * 60;
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart, 2.5), "load 10");
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart, 2.4), "admitted");
  EXPECT_EQ(visit("beta", "192.0.2.1", kStart), "process_limit 0");
}

TEST_F(VirtualGateTest, CountsNobodyOfWhomTooLittleIsKnown) {
  open(service("alpha", "only_from = .example.net\ninstances = 1"));
  EXPECT_EQ(visit("alpha", "192.0.2.1", kStart), "undecided");
  EXPECT_EQ(gate().account(0).running(), 0U);
  Identity identity;
  identity.name = {.state = HostName::State::confirmed, .name = "www.example.net"};
  const Address source = *parse_address("192.0.2.1");
  EXPECT_TRUE(gate().visit({.source = source, .now = kStart, .identity = &identity}).admitted());
}

TEST_F(VirtualGateTest, AnswersDatagramsWithoutTakingASlot) {
  open("service echo\n{\ntype = INTERNAL\nsocket_type = dgram\nprotocol = udp\nwait = yes\ninstances = 1\ncps = 2 10\n}\n");
  EXPECT_EQ(visit("echo", "192.0.2.1", kStart), "admitted");
  EXPECT_EQ(visit("echo", "192.0.2.2", kStart), "admitted");
  EXPECT_TRUE(inside.empty());
  EXPECT_EQ(gate().facts({.source = *parse_address("192.0.2.1"), .now = kStart}).running, 0U);
  EXPECT_EQ(visit("echo", "192.0.2.2", kStart), "cps 8");
}

}  // namespace
}  // namespace reeve
