#include "config/plan.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace reeve {
namespace {

// Texts of the test live here: a Configuration only points at them.
Text keep(std::string text) {
  static std::set<std::string> texts;
  return *texts.insert(std::move(text)).first;
}

Service tcp(const std::string& id, std::uint16_t port) {
  Service service;
  service.id = keep(id);
  service.name = keep(id);
  service.port = port;
  return service;
}

std::unique_ptr<Configuration> configuration(std::vector<Service> services) {
  auto made = std::make_unique<Configuration>();
  made->services = std::move(services);
  return made;
}

Plan planned(std::vector<Service> current, std::vector<Service> wanted) {
  return diff(*configuration(std::move(current)), *configuration(std::move(wanted)));
}

std::uint32_t at(const std::vector<std::uint32_t>& list, std::size_t index) {
  return list.at(index);
}

TEST(Plan, KeepsEverythingWhenNothingChanged) {
  const Plan plan = planned({tcp("a", 1), tcp("b", 2)}, {tcp("a", 1), tcp("b", 2)});
  EXPECT_EQ(plan.summary(), "0 services added, 0 removed, 0 changed; 0 listeners opened, 0 closed, 2 kept");
}

TEST(Plan, OrderInTheFileDoesNotMatter) {
  const Plan plan = planned({tcp("a", 1), tcp("b", 2)}, {tcp("b", 2), tcp("a", 1)});
  EXPECT_EQ(plan.continues, (std::vector<std::uint32_t>{1, 0}));
  EXPECT_EQ(plan.inherits, (std::vector<std::uint32_t>{1, 0}));
}

TEST(Plan, AnotherPortIsTheSameServiceOnAnotherListener) {
  const Plan plan = planned({tcp("a", 1)}, {tcp("a", 2)});
  EXPECT_EQ(at(plan.continues, 0), 0u);
  EXPECT_EQ(at(plan.inherits, 0), Plan::kNone);
  EXPECT_EQ(plan.summary(), "0 services added, 0 removed, 1 changed; 1 listener opened, 1 closed, 0 kept");
}

TEST(Plan, ARenamedServiceTakesOverTheListener) {
  const Plan plan = planned({tcp("old", 1)}, {tcp("new", 1)});
  EXPECT_EQ(at(plan.continues, 0), Plan::kNone);
  EXPECT_EQ(at(plan.inherits, 0), 0u);
  EXPECT_EQ(plan.removed, std::vector<std::uint32_t>{0});
  EXPECT_EQ(plan.summary(), "1 service added, 1 removed, 0 changed; 0 listeners opened, 0 closed, 1 kept");
}

TEST(Plan, ServicesThatSwapPortsSwapListeners) {
  const Plan plan = planned({tcp("a", 1), tcp("b", 2)}, {tcp("a", 2), tcp("b", 1)});
  EXPECT_EQ(plan.continues, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(plan.inherits, (std::vector<std::uint32_t>{1, 0}));
  EXPECT_EQ(plan.closed, 0u);
}

TEST(Plan, EqualIdsAreToldApartByTheirOrder) {
  const Plan plan = planned({tcp("a", 1), tcp("a", 2)}, {tcp("a", 1), tcp("a", 2), tcp("a", 3)});
  EXPECT_EQ(plan.continues, (std::vector<std::uint32_t>{0, 1, Plan::kNone}));
  EXPECT_EQ(plan.added, 1u);
}

TEST(Plan, AServiceBehindTcpmuxHasNoListener) {
  Service behind = tcp("a", 0);
  behind.types.tcpmux = true;
  const Plan plan = planned({behind}, {behind, tcp("b", 2)});
  EXPECT_EQ(plan.inherits, (std::vector<std::uint32_t>{Plan::kNone, Plan::kNone}));
  EXPECT_EQ(plan.kept, 0u);
  EXPECT_EQ(plan.opened, 1u);
}

TEST(Plan, APortTheSystemChoseIsNotPassedToAnotherService) {
  const Plan plan = planned({tcp("a", 0), tcp("b", 0)}, {tcp("c", 0), tcp("b", 0)});
  EXPECT_EQ(plan.inherits, (std::vector<std::uint32_t>{Plan::kNone, 1}));
}

TEST(Plan, CountsAServiceAsChangedWhenItsMeaningIs) {
  static const AccessList list{.entries = {{.prefix = Prefix::host(Address::v4(0x7f000001))}}};
  static const AccessList other{.entries = {{.prefix = Prefix::host(Address::v4(0x7f000002))}}};
  static const Launch cat{.server = "/bin/cat"}, nice_cat{.server = "/bin/cat", .nice = 5};
  using Change = void (*)(Service&);
  const Change changes[] = {
      [](Service& s) { s.instances = 3; },
      [](Service& s) { s.per_source_given = true; },
      [](Service& s) { s.cps_rate = 1; },
      [](Service& s) { s.max_load = 1; },
      [](Service& s) { s.deny_minutes = kDenyForever; },
      [](Service& s) { s.flags.nodelay = true; },
      [](Service& s) { s.log_on_failure.attempt = true; },
      [](Service& s) { s.compat_xinetd = true; },
      [](Service& s) { s.only_from = &other; },
      [](Service& s) { s.only_from = nullptr; },
      [](Service& s) { s.no_access = &list; },
      [](Service& s) { s.launch = &nice_cat; },
      [](Service& s) { s.launch = nullptr; },
  };
  Service plain = tcp("a", 1);
  plain.only_from = &list;
  plain.launch = &cat;
  for (std::size_t i = 0; i < std::size(changes); ++i) {
    Service changed = plain;
    changes[i](changed);
    EXPECT_EQ(planned({plain}, {changed}).changed, 1u) << "change " << i;
    EXPECT_EQ(planned({changed}, {changed}).changed, 0u) << "change " << i;
  }
}

TEST(Plan, AnotherPlaceInTheFileIsNoChange) {
  const AccessList here{.entries = {{.prefix = Prefix::host(Address::v4(1)), .where = {.line = 3}}}};
  const AccessList there{.entries = {{.prefix = Prefix::host(Address::v4(1)), .where = {.line = 9}}}};
  Service before = tcp("a", 1), after = tcp("a", 1);
  before.only_from = &here;
  after.only_from = &there;
  after.where = {.line = 7};
  EXPECT_EQ(planned({before}, {after}).changed, 0u);
}

// What must hold for any two configurations.
void expect_sound(const Configuration& current, const Configuration& wanted) {
  const Plan plan = diff(current, wanted);
  ASSERT_EQ(plan.inherits.size(), wanted.services.size());
  ASSERT_EQ(plan.continues.size(), wanted.services.size());
  std::set<std::uint32_t> inherited, continued;
  for (std::size_t i = 0; i < wanted.services.size(); ++i) {
    const Service& service = wanted.services[i];
    const std::uint32_t from = plan.inherits[i], before = plan.continues[i];
    if (from != Plan::kNone) {
      EXPECT_TRUE(inherited.insert(from).second) << "one listener, two services";
      EXPECT_EQ(listener_key(current.services.at(from)), listener_key(service));
    }
    if (before == Plan::kNone) continue;
    EXPECT_TRUE(continued.insert(before).second);
    EXPECT_EQ(current.services.at(before).id, service.id);
    if (listener_key(current.services[before]) == listener_key(service)) {
      EXPECT_EQ(from, before);
    }
  }
  EXPECT_EQ(plan.kept, inherited.size());
  EXPECT_EQ(plan.kept + plan.opened, wanted.services.size());
  EXPECT_EQ(plan.kept + plan.closed, current.services.size());
  EXPECT_EQ(plan.added + continued.size(), wanted.services.size());
  EXPECT_EQ(plan.removed.size() + continued.size(), current.services.size());
  // Nothing is opened that lies there unused.
  for (std::uint32_t old = 0; old < current.services.size(); ++old) {
    if (inherited.contains(old) || current.services[old].port == 0) continue;
    for (std::size_t i = 0; i < wanted.services.size(); ++i) {
      if (plan.inherits[i] != Plan::kNone) continue;
      EXPECT_NE(listener_key(current.services[old]), listener_key(wanted.services[i]));
    }
  }
}

TEST(Plan, IsSoundForAnyTwoConfigurations) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    const auto services = [&] {
      std::vector<Service> made(random() % 12);
      for (Service& service : made) {
        service = tcp(std::string(1, static_cast<char>('a' + random() % 5)), static_cast<std::uint16_t>(random() % 6));
        service.family = static_cast<Family>(random() % 3);
        service.v6only = random() % 4 == 0;
      }
      return made;
    };
    expect_sound(*configuration(services()), *configuration(services()));
  }
}

TEST(Plan, IsLinearInTheNumberOfServices) {
  // Half of them with one id, and all new ones on ports of other old ones.
  std::vector<Service> current, wanted;
  for (std::uint16_t port = 1; port <= 30'000; ++port) {
    current.push_back(tcp(port % 2 == 0 ? "same" : "old" + std::to_string(port), port));
    wanted.push_back(tcp(port % 2 == 0 ? "same" : "new" + std::to_string(port), static_cast<std::uint16_t>(30'001 - port)));
  }
  const auto from = configuration(std::move(current)), to = configuration(std::move(wanted));
  const auto start = std::chrono::steady_clock::now();
  const Plan plan = diff(*from, *to);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{2});
  EXPECT_EQ(plan.kept, 30'000u);
}

TEST(ListenerKey, IsTheSameForTheSameSocketSaidDifferently) {
  Service flagged = tcp("a", 1), bound = tcp("a", 1);
  flagged.family = Family::v4;
  bound.has_bind = true;
  bound.bind = Address::v4(0);
  EXPECT_EQ(listener_key(flagged), listener_key(bound));
  flagged.family = Family::v6;
  bound.bind = Address{};
  EXPECT_EQ(listener_key(flagged), listener_key(bound));
  flagged.v6only = true;
  EXPECT_NE(listener_key(flagged), listener_key(bound));
}

TEST(ListenerKey, IsPrintedAsAdministratorsWriteIt) {
  Service service = tcp("a", 21);
  EXPECT_EQ(to_text(listener_key(service)), "tcp [::]:21");
  service.family = Family::v4;
  EXPECT_EQ(to_text(listener_key(service)), "tcp 0.0.0.0:21");
  service.protocol = 17;
  service.has_bind = true;
  service.bind = Address::v4(0x7f000001);
  EXPECT_EQ(to_text(listener_key(service)), "udp 127.0.0.1:21");
}

}  // namespace
}  // namespace reeve
