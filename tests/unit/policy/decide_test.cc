#include "policy/decide.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/attributes.h"

namespace reeve {
namespace {

Address address(std::string_view text) {
  return parse_address(text).value();
}

// "10.0.0.0/8", "2001:db8::/32", "::1".
Prefix prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  const Address a = address(text.substr(0, slash));
  if (slash == std::string_view::npos) return Prefix::host(a);
  return Prefix::of(a, static_cast<unsigned>(std::stoi(std::string(text.substr(slash + 1)))) + (a.is_v4() ? 96 : 0));
}

// The list of an attribute that stands in `line`: its entries are columns 1, 2, ... of that line.
AccessList list_of(std::uint32_t line, std::initializer_list<std::string_view> prefixes,
                   std::initializer_list<std::string_view> names = {}) {
  AccessList list;
  list.where = {.line = line};
  for (const std::string_view text : prefixes) {
    const auto index = static_cast<std::uint32_t>(list.entries.size());
    list.prefixes.insert(prefix(text), index);
    list.entries.push_back({.prefix = prefix(text), .name = {}, .where = {.line = line, .column = static_cast<std::uint16_t>(index + 1)}});
  }
  for (const std::string_view name : names) {
    list.entries.push_back({.prefix = {}, .name = name, .where = {.line = line, .column = 99}});
    list.has_names = true;
  }
  return list;
}

class DecideTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kEntryLine = 1;

  DecideTest() {
    service.where = {.line = kEntryLine};
    service.cps_rate = 0;
  }

  // From now on `attribute` stands in `line`.
  void stands_in(std::string_view attribute, std::uint32_t line) {
    origins_.push_back({.attribute = find_attribute(attribute), .where = {.line = line}});
    std::ranges::sort(origins_, {}, &Origin::attribute);
    service.origins = origins_;
  }

  // "admitted", or "reason LINE:COLUMN".
  std::string verdict(std::string_view source, const Facts& facts = {}) const {
    return text_of(decide(configuration_, service, address(source), facts));
  }
  static std::string text_of(const Verdict& verdict) {
    if (const auto* undecided = std::get_if<Undecided>(&verdict))
      return undecided->need == Undecided::Need::name ? "needs the name" : "needs the user";
    const auto* refusal = std::get_if<Refusal>(&verdict);
    if (refusal == nullptr) return "admitted";
    return std::string(to_text(refusal->reason)) + " " + std::to_string(refusal->where.line) + ":" + std::to_string(refusal->where.column);
  }
  std::string at(unsigned weekday, unsigned hour, unsigned minute) const {
    const LocalMinute local{.minute_of_day = static_cast<std::uint16_t>(60 * hour + minute), .weekday = static_cast<std::uint8_t>(weekday)};
    return verdict("127.0.0.1", {.local = local});
  }

  Configuration configuration_;
  Service service;

 private:
  std::vector<Origin> origins_;
};

TEST_F(DecideTest, AServiceThatIsHeldTakesNobody) {
  EXPECT_EQ(verdict("127.0.0.1", {.stopped = true}), "stopped 0:0");
  EXPECT_EQ(verdict("127.0.0.1", {.stopped = true, .banned = true}), "stopped 0:0");
}

TEST_F(DecideTest, WhoeverIsNotLimitedComesIn) {
  EXPECT_EQ(verdict("127.0.0.1"), "admitted");
}

TEST_F(DecideTest, OnlyFromAdmitsWhoIsOnIt) {
  const AccessList only = list_of(5, {"10.0.0.0/8", "2001:db8::/32", "192.0.2.1"});
  service.only_from = &only;
  EXPECT_EQ(verdict("10.255.0.1"), "admitted");
  EXPECT_EQ(verdict("::ffff:10.255.0.1"), "admitted");
  EXPECT_EQ(verdict("2001:db8::1"), "admitted");
  EXPECT_EQ(verdict("192.0.2.1"), "admitted");
  EXPECT_EQ(verdict("192.0.2.2"), "address 5:0");
  EXPECT_EQ(verdict("2001:db9::1"), "address 5:0");
}

TEST_F(DecideTest, NoAccessRefusesWhoIsOnItAndNamesTheEntry) {
  const AccessList no = list_of(6, {"10.0.0.0/8", "10.1.0.0/16"});
  service.no_access = &no;
  EXPECT_EQ(verdict("10.2.0.1"), "address 6:1");
  EXPECT_EQ(verdict("10.1.0.1"), "address 6:2");
  EXPECT_EQ(verdict("11.0.0.1"), "admitted");
}

TEST_F(DecideTest, OfBothListsTheBetterMatchDecides) {
  const struct {
    const char *only, *no, *source, *expected, *in_xinetd;
  } kCases[] = {
      {"10.0.0.0/8", "10.1.0.0/16", "10.1.0.1", "address 6:1", "address 6:1"},  // no_access is better
      {"10.1.0.0/16", "10.0.0.0/8", "10.1.0.1", "admitted", "address 6:1"},     // only_from is better
      {"10.1.0.1", "10.1.0.1", "10.1.0.1", "address 6:1", "address 6:1"},       // equal
      {"10.1.0.0/16", "10.0.0.0/8", "10.2.0.1", "address 6:1", "address 6:1"},  // on no_access alone
      {"10.1.0.0/16", "10.0.0.0/8", "11.0.0.1", "address 5:0", "address 5:0"},  // on none
      {"10.1.0.0/16", "11.0.0.0/8", "10.1.0.1", "admitted", "admitted"},        // on only_from alone
      {"::/0", "0.0.0.0/0", "10.1.0.1", "address 6:1", "address 6:1"},         {"0.0.0.0/0", "::/0", "10.1.0.1", "admitted", "address 6:1"},
  };
  for (const auto& c : kCases) {
    const AccessList only = list_of(5, {c.only}), no = list_of(6, {c.no});
    service.only_from = &only;
    service.no_access = &no;
    service.compat_xinetd = false;
    EXPECT_EQ(verdict(c.source), c.expected) << c.only << " against " << c.no << " for " << c.source;
    service.compat_xinetd = true;
    EXPECT_EQ(verdict(c.source), c.in_xinetd) << c.only << " against " << c.no << " for " << c.source;
  }
}

TEST_F(DecideTest, EmptyListsRefuseEverybodyOrNobody) {
  const AccessList empty = list_of(5, {});
  service.only_from = &empty;
  EXPECT_EQ(verdict("127.0.0.1"), "address 5:0");
  service.only_from = nullptr;
  service.no_access = &empty;
  EXPECT_EQ(verdict("127.0.0.1"), "admitted");
}

TEST_F(DecideTest, AccessTimesIncludeTheirBounds) {
  const TimeSpan spans[] = {{.from = 8 * 60, .to = 17 * 60 + 30}, {.from = 22 * 60, .to = 22 * 60}};
  service.access_times = spans;
  stands_in("access_times", 7);
  EXPECT_EQ(at(1, 7, 59), "time 7:0");
  EXPECT_EQ(at(1, 8, 0), "admitted");
  EXPECT_EQ(at(1, 17, 30), "admitted");
  EXPECT_EQ(at(1, 17, 31), "time 7:0");
  EXPECT_EQ(at(1, 21, 59), "time 7:0");
  EXPECT_EQ(at(1, 22, 0), "admitted");
  EXPECT_EQ(at(1, 22, 1), "time 7:0");
}

TEST_F(DecideTest, AccessTimesMayEndAtTwentyFour) {
  const TimeSpan spans[] = {{.from = 12 * 60, .to = 24 * 60}};
  service.access_times = spans;
  EXPECT_EQ(at(1, 23, 59), "admitted");
  EXPECT_EQ(at(2, 0, 0), "time 1:0");
  EXPECT_EQ(at(1, 11, 59), "time 1:0");
}

TEST_F(DecideTest, AccessTimesWrapOverMidnightOnTheDayTheyBegin) {
  const TimeSpan spans[] = {{.from = 22 * 60, .to = 6 * 60, .weekdays = 1 << 5 | 1 << 6}};  // Friday and Saturday nights
  service.access_times = spans;
  EXPECT_EQ(at(5, 21, 59), "time 1:0");
  EXPECT_EQ(at(5, 22, 0), "admitted");
  EXPECT_EQ(at(6, 6, 0), "admitted");
  EXPECT_EQ(at(6, 6, 1), "time 1:0");
  EXPECT_EQ(at(6, 23, 0), "admitted");
  EXPECT_EQ(at(0, 5, 0), "admitted");  // Sunday morning belongs to Saturday's night
  EXPECT_EQ(at(0, 22, 0), "time 1:0");
  EXPECT_EQ(at(5, 5, 0), "time 1:0");  // Friday morning to Thursday's
}

TEST_F(DecideTest, AccessTimesKnowTheDaysOfTheWeek) {
  const TimeSpan spans[] = {{.from = 0, .to = 1440, .weekdays = 1 << 0}};
  service.access_times = spans;
  for (unsigned day = 0; day < 7; ++day) EXPECT_EQ(at(day, 12, 0), day == 0 ? "admitted" : "time 1:0") << day;
}

// The same spans, minute by minute, from their meaning.
TEST_F(DecideTest, AccessTimesHoldAsWrittenInEveryMinuteOfTheWeek) {
  for (const auto& [from, to] : {std::pair{0, 0}, {0, 1440}, {1439, 0}, {600, 599}, {600, 600}, {60, 1300}, {1300, 60}}) {
    for (const unsigned days : {0x7fu, 0x01u, 0x40u, 0x2au}) {
      const TimeSpan spans[] = {{static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to), static_cast<std::uint8_t>(days)}};
      service.access_times = spans;
      std::vector<bool> open(7 * 1440);
      for (int day = 0; day < 7; ++day) {
        const int last = (from <= to ? to : to + 1440);
        if ((days >> day & 1) == 0) continue;
        for (int minute = from; minute <= last && !(to == 1440 && minute == 1440); ++minute) {
          open[static_cast<std::size_t>((day * 1440 + minute) % (7 * 1440))] = true;
        }
      }
      for (unsigned i = 0; i < open.size(); ++i) {
        ASSERT_EQ(at(i / 1440, i % 1440 / 60, i % 60) == "admitted", open[i]) << from << '-' << to << " days " << days << " minute " << i;
      }
    }
  }
}

TEST_F(DecideTest, EachLimitRefusesAtItsBoundAndNamesItsLine) {
  service.instances = 10;
  service.per_source = 3;
  service.per_source_given = true;
  service.max_load = 2.5F;
  stands_in("cps", 11);
  stands_in("instances", 12);
  stands_in("per_source", 13);
  stands_in("max_load", 14);
  EXPECT_EQ(verdict("127.0.0.1", {.load = 2.4, .running = 9, .running_from_source = 2, .processes = 4, .process_limit = 5}), "admitted");
  EXPECT_EQ(verdict("127.0.0.1", {.load = 2.5}), "load 14:0");
  EXPECT_EQ(verdict("127.0.0.1", {.rate = RateState::shed}), "cps 11:0");
  EXPECT_EQ(verdict("127.0.0.1", {.running = 10}), "instances 12:0");
  EXPECT_EQ(verdict("127.0.0.1", {.running = 3, .running_from_source = 3}), "per_source 13:0");
  EXPECT_EQ(verdict("127.0.0.1", {.processes = 5, .process_limit = 5}), "process_limit 0:0");
  EXPECT_EQ(verdict("127.0.0.1", {.banned = true}), "ban 0:0");
  service.max_load = 0;
  EXPECT_EQ(verdict("127.0.0.1", {.load = 1000}), "admitted");
}

TEST_F(DecideTest, EachPressureRefusesAtItsBound) {
  const Pressure most{.cpu = 60, .io = 20};
  service.max_pressure = &most;
  stands_in("max_pressure", 14);
  EXPECT_EQ(verdict("127.0.0.1", {.pressure = {.cpu = 59, .memory = 100, .io = 19}}), "admitted");
  EXPECT_EQ(verdict("127.0.0.1", {.pressure = {.cpu = 60}}), "pressure 14:0");
  EXPECT_EQ(verdict("127.0.0.1", {.pressure = {.io = 20}}), "pressure 14:0");
  service.max_pressure = nullptr;
  EXPECT_EQ(verdict("127.0.0.1", {.pressure = {.cpu = 100, .memory = 100, .io = 100}}), "admitted");
}

TEST_F(DecideTest, WhatTheEngineServesItselfIsNoProcess) {
  service.kind = Kind::builtin;
  EXPECT_EQ(verdict("127.0.0.1", {.processes = 5, .process_limit = 5}), "admitted");
}

// Everything is wrong; one after the other is put right.
TEST_F(DecideTest, TheFirstReasonOfTheOrderIsGiven) {
  const AccessList no = list_of(5, {"0.0.0.0/0"});
  const TimeSpan spans[] = {{.from = 60, .to = 61}};
  service.no_access = &no;
  service.access_times = spans;
  service.max_load = 1;
  service.instances = 0;
  service.per_source = 0;
  service.per_source_given = true;
  Facts facts{.load = 1, .banned = true, .rate = RateState::shed, .process_limit = 0};
  const auto reason = [&] { return verdict("127.0.0.1", facts).substr(0, verdict("127.0.0.1", facts).find(' ')); };
  EXPECT_EQ(reason(), "ban");
  facts.banned = false;
  EXPECT_EQ(reason(), "address");
  service.no_access = nullptr;
  EXPECT_EQ(reason(), "time");
  service.access_times = {};
  EXPECT_EQ(reason(), "load");
  service.max_load = 0;
  EXPECT_EQ(reason(), "cps");
  facts.rate = RateState::free;
  EXPECT_EQ(reason(), "instances");
  service.instances = 1;
  EXPECT_EQ(reason(), "per_source");
  service.per_source = 1;
  EXPECT_EQ(reason(), "process_limit");
  facts.process_limit = 1;
  EXPECT_EQ(reason(), "admitted");
}

TEST_F(DecideTest, ARunningInstanceIsHeldToAddressesAndTimesOnly) {
  const AccessList no = list_of(5, {"10.0.0.0/8"});
  const TimeSpan spans[] = {{.from = 60, .to = 61}};
  service.no_access = &no;
  service.access_times = spans;
  service.instances = 0;
  EXPECT_EQ(text_of(decide_again(configuration_, service, address("10.0.0.1"), {.minute_of_day = 60}, nullptr)), "address 5:1");
  EXPECT_EQ(text_of(decide_again(configuration_, service, address("11.0.0.1"), {.minute_of_day = 62}, nullptr)), "time 1:0");
  EXPECT_EQ(text_of(decide_again(configuration_, service, address("11.0.0.1"), {.minute_of_day = 60}, nullptr)), "admitted");
}

TEST_F(DecideTest, OneSourceLeavesAQuarterOfTheInstancesToOthers) {
  const struct {
    std::uint32_t instances, limit;
  } kCases[] = {{0, kUnlimited}, {1, kUnlimited}, {7, kUnlimited}, {8, 6}, {9, 7}, {20, 15}, {1000, 750}, {kUnlimited, kUnlimited}};
  for (const auto& c : kCases) {
    service.instances = c.instances;
    EXPECT_EQ(source_limit(service), c.limit) << c.instances;
  }
  service.instances = 20;
  stands_in("instances", 12);
  EXPECT_EQ(verdict("127.0.0.1", {.running = 15, .running_from_source = 15}), "per_source 12:0");  // the line it follows from
  service.compat_xinetd = true;
  EXPECT_EQ(source_limit(service), kUnlimited);
  service.compat_xinetd = false;
  service.per_source_given = true;  // per_source = UNLIMITED
  EXPECT_EQ(source_limit(service), kUnlimited);
  service.per_source = 20;
  EXPECT_EQ(source_limit(service), 20u);
}

TEST_F(DecideTest, ASourceIsAnAddressOrAnIPv6Network) {
  EXPECT_EQ(to_text(source_prefix(service, address("192.0.2.1"))), "192.0.2.1");
  EXPECT_EQ(to_text(source_prefix(service, address("2001:db8:0:66::1"))), "2001:db8:0:66::/64");
  service.source_bits_v4 = 24;
  service.source_bits_v6 = 48;
  EXPECT_EQ(to_text(source_prefix(service, address("192.0.2.1"))), "192.0.2.0/24");
  EXPECT_EQ(to_text(source_prefix(service, address("2001:db8:0:66::1"))), "2001:db8::/48");
}

TEST(ReasonTest, HasItsWords) {
  const struct {
    Reason reason;
    const char *own, *fail;
  } kCases[] = {
      {Reason::ban, "ban", "address"},
      {Reason::address, "address", "address"},
      {Reason::time, "time", "time"},
      {Reason::load, "load", "load"},
      {Reason::cps, "cps", "connections per second"},
      {Reason::instances, "instances", "service_limit"},
      {Reason::per_source, "per_source", "per_source_limit"},
      {Reason::process_limit, "process_limit", "process_limit"},
      {Reason::sensor, "sensor", "address"},
      {Reason::fork, "fork", "fork"},
      {Reason::exec, "exec", "exec"},
      {Reason::name, "name", "address"},
      {Reason::user, "user", "address"},
      {Reason::inquiries, "inquiries", "address"},
      {Reason::stopped, "stopped", "stopped"},
      {Reason::pressure, "pressure", "pressure"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(to_text(c.reason), c.own);
    EXPECT_EQ(fail_word(c.reason), c.fail);
  }
}

TEST_F(DecideTest, WhoComesTooOftenIsRefusedBeforeHeCostsTheServiceAnything) {
  stands_in("rate_per_source", 7);
  EXPECT_EQ(verdict("192.0.2.1", {.rate = RateState::shed, .over_source_rate = true}), "rate_per_source 7:0");
  EXPECT_EQ(fail_word(Reason::source_rate), "per_source_limit");
}

}  // namespace
}  // namespace reeve
