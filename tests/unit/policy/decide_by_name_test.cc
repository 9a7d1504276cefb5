// decide() where names and users take part: what is asked for, when, and what each answer means.
#include <gtest/gtest.h>

#include "policy/decide.h"

namespace reeve {
namespace {

constexpr std::uint32_t kAllowed = 10, kDenied = 20;

Address address(std::string_view text) {
  return parse_address(text).value();
}

// Words with a digit in front are IPv4 prefixes, others names.
AccessList list_of(std::uint32_t line, std::initializer_list<std::string_view> words) {
  AccessList list;
  list.where = {.line = line};
  for (const std::string_view word : words) {
    const auto index = static_cast<std::uint32_t>(list.entries.size());
    const Where where{.line = line, .column = static_cast<std::uint16_t>(index + 1)};
    if (word.front() < '0' || word.front() > '9') {
      list.entries.push_back({.prefix = {}, .name = word, .where = where});
      list.has_names = true;
      continue;
    }
    const std::size_t slash = word.find('/');
    const unsigned bits =
        slash == std::string_view::npos ? 128 : 96 + static_cast<unsigned>(std::stoi(std::string(word.substr(slash + 1))));
    const Prefix prefix = Prefix::of(address(word.substr(0, slash)), bits);
    list.prefixes.insert(prefix, index);
    list.entries.push_back({.prefix = prefix, .name = {}, .where = where});
  }
  return list;
}

HostName confirmed(std::string name, std::vector<std::string> others = {}, std::vector<std::string> claims = {}) {
  return {.state = HostName::State::confirmed, .name = std::move(name), .others = std::move(others), .claims = std::move(claims)};
}
HostName claimed(std::vector<std::string> claims) {
  return {.state = HostName::State::unconfirmed, .name = {}, .others = {}, .claims = std::move(claims)};
}
const HostName kNone{.state = HostName::State::none};
const HostName kFailed{.state = HostName::State::failed};

class DecideByNameTest : public testing::Test {
 protected:
  DecideByNameTest() { service.cps_rate = 0; }

  void allow(std::initializer_list<std::string_view> words) {
    allowed_ = list_of(kAllowed, words);
    service.only_from = &allowed_;
  }
  void deny(std::initializer_list<std::string_view> words) {
    denied_ = list_of(kDenied, words);
    service.no_access = &denied_;
  }
  std::string verdict(const Facts& facts, std::string_view source = "192.0.2.1") const {
    const Verdict result = decide(configuration_, service, address(source), facts);
    if (const auto* undecided = std::get_if<Undecided>(&result)) return undecided->need == Undecided::Need::name ? "name?" : "user?";
    const auto* refusal = std::get_if<Refusal>(&result);
    if (refusal == nullptr) return "admitted";
    return std::string(to_text(refusal->reason)) + " " + std::to_string(refusal->where.line) + ":" + std::to_string(refusal->where.column);
  }
  std::string unknown(std::string_view source = "192.0.2.1") const { return verdict({}, source); }
  std::string named(const HostName& name) const {
    const Identity identity{.name = name, .user = {}};
    return verdict({.identity = &identity});
  }

  Service service;

 private:
  Configuration configuration_;
  AccessList allowed_, denied_;
};

TEST_F(DecideByNameTest, NothingIsAskedWhereANumberDecides) {
  allow({"192.0.2.0/24", "good.example"});
  EXPECT_EQ(unknown(), "admitted");
  EXPECT_EQ(unknown("198.51.100.1"), "name?");
  deny({"198.51.100.0/24"});
  EXPECT_EQ(unknown("198.51.100.1"), "address 20:1") << "a name does not outweigh an address";
  allow({"192.0.2.0/24"});
  deny({"bad.example"});
  EXPECT_EQ(unknown(), "name?");
  EXPECT_EQ(unknown("203.0.113.1"), "address 10:0") << "no name could let it in";
}

TEST_F(DecideByNameTest, NothingIsAskedForWhomTheLimitsRefuse) {
  allow({"good.example"});
  service.flags.idonly = service.log_on_success.userid = true;
  const TimeSpan spans[] = {{.from = 60, .to = 61}};
  service.access_times = spans;
  Facts facts{.local = {.minute_of_day = 60}, .banned = true};
  EXPECT_EQ(verdict(facts), "ban 0:0");
  facts.banned = false;
  facts.local.minute_of_day = 62;
  EXPECT_EQ(verdict(facts).substr(0, 4), "time");
  facts.local.minute_of_day = 60;
  service.instances = 2;
  facts.running = 2;
  EXPECT_EQ(verdict(facts).substr(0, 9), "instances");
  facts.running = 1;
  EXPECT_EQ(verdict(facts), "name?");
  // The limits hold for the visit when its name is known, too.
  const Identity identity{.name = confirmed("good.example"), .user = {.state = RemoteUser::State::known}};
  facts.identity = &identity;
  EXPECT_EQ(verdict(facts), "admitted");
  facts.running = 2;
  EXPECT_EQ(verdict(facts).substr(0, 9), "instances");
}

TEST_F(DecideByNameTest, OnlyAConfirmedNameAdmits) {
  allow({"Good.Example", ".trusted.example"});
  const struct {
    HostName name;
    const char* verdict;
  } kCases[] = {
      {confirmed("good.example"), "admitted"},
      {confirmed("GOOD.example"), "admitted"},
      {confirmed("other.example", {"good.example"}), "admitted"},
      {confirmed("a.trusted.example"), "admitted"},
      {confirmed("a.b.trusted.example"), "admitted"},
      {confirmed("other.example"), "address 10:0"},
      {confirmed("xgood.example"), "address 10:0"},
      {confirmed("good.example.attacker.example"), "address 10:0"},
      {confirmed("nottrusted.example"), "address 10:0"},
      {confirmed("trusted.example"), "address 10:0"},
      {confirmed("other.example", {}, {"good.example"}), "address 10:0"},
      {claimed({"good.example"}), "address 10:0"},
      {claimed({}), "address 10:0"},
      {kNone, "address 10:0"},
      {kFailed, "name 10:0"},
  };
  for (const auto& c : kCases) EXPECT_EQ(named(c.name), c.verdict) << c.name.name;
}

TEST_F(DecideByNameTest, AnyNameRefuses) {
  deny({"198.51.100.1", "bad.example", ".spam.example"});
  const struct {
    HostName name;
    const char *verdict, *under_compat;
  } kCases[] = {
      {confirmed("good.example"), "admitted", "admitted"},
      {confirmed("bad.example"), "address 20:2", "address 20:2"},
      {confirmed("a.spam.example"), "address 20:3", "address 20:3"},
      {confirmed("good.example", {"bad.example"}), "address 20:2", "address 20:2"},
      {confirmed("good.example", {}, {"bad.example"}), "address 20:2", "address 20:2"},
      {claimed({"x.spam.example"}), "address 20:3", "address 20:3"},
      {claimed({"other.example"}), "admitted", "admitted"},
      {kNone, "admitted", "admitted"},
      // Who can make the look-up of his own name fail must not escape that way.
      {kFailed, "name 20:2", "admitted"},
  };
  for (const auto& c : kCases) {
    service.compat_xinetd = false;
    EXPECT_EQ(named(c.name), c.verdict) << c.name.name;
    service.compat_xinetd = true;
    EXPECT_EQ(named(c.name), c.under_compat) << c.name.name;
  }
}

TEST_F(DecideByNameTest, ANameOnBothListsIsRefused) {
  allow({".example"});
  deny({"bad.example"});
  EXPECT_EQ(named(confirmed("good.example")), "admitted");
  EXPECT_EQ(named(confirmed("bad.example")), "address 20:1");
  allow({"192.0.2.1"});
  EXPECT_EQ(named(confirmed("bad.example")), "address 20:1") << "an address in only_from does not outweigh a name in no_access";
}

TEST_F(DecideByNameTest, IdonlyNeedsAUserAfterTheName) {
  allow({"good.example"});
  service.flags.idonly = service.log_on_success.userid = true;
  Identity identity;
  const Facts facts{.identity = &identity};
  EXPECT_EQ(verdict(facts), "name?");
  identity.name = kNone;
  EXPECT_EQ(verdict(facts), "address 10:0") << "a stranger's machine is not asked";
  identity.name = confirmed("good.example");
  EXPECT_EQ(verdict(facts), "user?");
  identity.user.state = RemoteUser::State::unknown;
  EXPECT_EQ(verdict(facts).substr(0, 4), "user");
  identity.user.state = RemoteUser::State::known;
  EXPECT_EQ(verdict(facts), "admitted");
}

TEST_F(DecideByNameTest, IdonlyHasNoEffectWithoutUseridNorWithoutAConnection) {
  service.flags.idonly = true;
  EXPECT_EQ(unknown(), "admitted");
  service.log_on_success.userid = true;
  EXPECT_EQ(unknown(), "user?");
  service.wait = true;
  EXPECT_EQ(unknown(), "admitted");
  service.wait = false;
  service.socket_type = SocketType::dgram;
  EXPECT_EQ(unknown(), "admitted");
}

}  // namespace
}  // namespace reeve
