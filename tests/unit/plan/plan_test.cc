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
  // Services without places get the one that their port means.
  for (std::uint32_t index = 0; index < made->services.size(); ++index) {
    Service& service = made->services[index];
    service.first_place = static_cast<std::uint32_t>(made->places.size());
    std::vector<PortRange> ranges(service.ports.begin(), service.ports.end());
    if (ranges.empty()) ranges.push_back({service.port, service.port});
    for (const PortRange& range : ranges) {
      for (unsigned port = range.first; port <= range.last && service.listens(); ++port)
        made->places.push_back({.service = index, .port = static_cast<std::uint16_t>(port), .family = service.family});
    }
    service.place_count = static_cast<std::uint32_t>(made->places.size()) - service.first_place;
  }
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
  EXPECT_EQ(plan.inherits, (std::vector<std::uint32_t>{Plan::kNone}));
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
  static const Pressure stalled{.cpu = 5};
  using Change = void (*)(Service&);
  const Change changes[] = {
      [](Service& s) { s.instances = 3; },
      [](Service& s) { s.per_source_given = true; },
      [](Service& s) { s.cps_rate = 1; },
      [](Service& s) { s.max_load = 1; },
      [](Service& s) { s.max_pressure = &stalled; },
      [](Service& s) { s.deny_minutes = kDenyForever; },
      [](Service& s) {
        static constexpr SensorReply kTarpit{.kind = SensorReply::Kind::tarpit, .banner = {}};
        s.sensor_reply = &kTarpit;
      },
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
  ASSERT_EQ(plan.inherits.size(), wanted.places.size());
  ASSERT_EQ(plan.continues.size(), wanted.services.size());
  EXPECT_EQ(plan.continues, continued_services(current, wanted));
  const auto key_of = [](const Configuration& configuration, const Place& place) {
    return listener_key(configuration.services.at(place.service), place);
  };
  std::set<std::uint32_t> inherited, continued;
  for (std::size_t i = 0; i < wanted.places.size(); ++i) {
    const std::uint32_t from = plan.inherits[i];
    if (from == Plan::kNone) continue;
    EXPECT_TRUE(inherited.insert(from).second) << "one listener, two services";
    EXPECT_EQ(key_of(current, current.places.at(from)), key_of(wanted, wanted.places[i]));
  }
  for (std::size_t i = 0; i < wanted.services.size(); ++i) {
    const Service& service = wanted.services[i];
    const std::uint32_t before = plan.continues[i];
    if (before == Plan::kNone) continue;
    EXPECT_TRUE(continued.insert(before).second);
    const Service& old = current.services.at(before);
    EXPECT_EQ(old.id, service.id);
    for (std::uint32_t each = 0; each < std::min(old.place_count, service.place_count); ++each) {
      if (key_of(current, current.places[old.first_place + each]) != key_of(wanted, wanted.places[service.first_place + each])) continue;
      EXPECT_EQ(plan.inherits[service.first_place + each], old.first_place + each);
    }
  }
  EXPECT_EQ(plan.kept, inherited.size());
  EXPECT_EQ(plan.kept + plan.opened, wanted.places.size());
  EXPECT_EQ(plan.kept + plan.closed, current.places.size());
  EXPECT_EQ(plan.added + continued.size(), wanted.services.size());
  EXPECT_EQ(plan.removed.size() + continued.size(), current.services.size());
  // Nothing is opened that lies there unused.
  for (std::uint32_t old = 0; old < current.places.size(); ++old) {
    if (inherited.contains(old) || current.places[old].port == 0) continue;
    for (std::size_t i = 0; i < wanted.places.size(); ++i) {
      if (plan.inherits[i] != Plan::kNone) continue;
      EXPECT_NE(key_of(current, current.places[old]), key_of(wanted, wanted.places[i]));
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
        static constexpr PortRange kSeveral[] = {{1, 3}, {5, 5}};
        if (random() % 4 == 0) service.ports = kSeveral;
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

TEST(Plan, KeepsThePortsThatARangeGoesOnToHave) {
  static constexpr PortRange kBefore[] = {{20, 25}}, kAfter[] = {{23, 28}};
  Service before = tcp("a", 20), after = tcp("a", 23);
  before.ports = kBefore;
  after.ports = kAfter;
  const Plan plan = planned({before}, {after});
  EXPECT_EQ(plan.inherits, (std::vector<std::uint32_t>{3, 4, 5, Plan::kNone, Plan::kNone, Plan::kNone}));
  EXPECT_EQ(plan.summary(), "0 services added, 0 removed, 1 changed; 3 listeners opened, 3 closed, 3 kept");
}

TEST(ListenerKey, IsTheSameForTheSameSocketSaidDifferently) {
  const Service plain = tcp("a", 1);
  Service flagged = plain;
  EXPECT_EQ(listener_key(plain, {.port = 1, .family = Family::v4}),
            listener_key(plain, {.address = Address::v4(0), .port = 1, .family = Family::v4}));
  flagged.v6only = true;
  EXPECT_EQ(listener_key(plain, {.port = 1, .family = Family::v6}), listener_key(flagged, {.port = 1}));
  EXPECT_NE(listener_key(plain, {.port = 1}), listener_key(flagged, {.port = 1}));
  Service datagrams = plain;
  datagrams.protocol = 17;
  EXPECT_EQ(listener_key(plain, {.path = "/run/x", .family = Family::any}),
            listener_key(datagrams, {.path = "/run/x", .family = Family::any}));
}

TEST(ListenerKey, IsPrintedAsAdministratorsWriteIt) {
  Service service = tcp("a", 21);
  EXPECT_EQ(to_text(listener_key(service, {.port = 21})), "tcp [::]:21");
  EXPECT_EQ(to_text(listener_key(service, {.port = 21, .family = Family::v4})), "tcp 0.0.0.0:21");
  EXPECT_EQ(to_text(listener_key(service, {.path = "/run/x"})), "unix /run/x");
  service.protocol = 17;
  EXPECT_EQ(to_text(listener_key(service, {.address = Address::v4(0x7f000001), .port = 21, .family = Family::v4})), "udp 127.0.0.1:21");
}

}  // namespace
}  // namespace reeve
