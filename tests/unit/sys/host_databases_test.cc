#include "sys/host_databases.h"

#include <unistd.h>

#include <fstream>

#include <gtest/gtest.h>

namespace reeve {
namespace {

using namespace std::chrono_literals;

TEST(HostsFileTest, Forms) {
  const HostsTable table = parse_hosts(
      "# comment\n"
      "127.0.8.1\ttrusted.example Alias.Example # more\n"
      "127.0.8.1 later.example\r\n"
      "  ::1 localhost ip6-localhost\n"
      "fe80::1%eth0 link.example\n"
      "192.0.2.300 nobody.example\n"
      "192.0.2.7\n"
      "192.0.2.8 bad/name good.example\n"
      "198.51.100.1 trusted.example");
  const auto names = [&](const char* text) {
    const auto found = table.names.find(parse_address(text).value());
    std::string all;
    if (found == table.names.end()) return std::string("(none)");
    for (const std::string& name : found->second) all += (all.empty() ? "" : " ") + name;
    return all;
  };
  EXPECT_EQ(names("127.0.8.1"), "trusted.example alias.example") << "the first line of an address names it";
  EXPECT_EQ(names("::1"), "localhost ip6-localhost");
  EXPECT_EQ(names("fe80::1"), "link.example");
  EXPECT_EQ(names("192.0.2.7"), "(none)");
  EXPECT_EQ(names("192.0.2.8"), "good.example");
  EXPECT_EQ(table.addresses.find("trusted.example")->second.size(), 2u);
  EXPECT_EQ(table.addresses.count("later.example"), 1u);
  EXPECT_EQ(table.addresses.count("nobody.example"), 0u);
}

TEST(HostOrderTest, Forms) {
  const auto order = [](std::string_view text) {
    std::string all;
    for (const HostSource source : parse_host_order(text)) all += source == HostSource::files ? "f" : "d";
    return all;
  };
  EXPECT_EQ(order("passwd: files\nhosts: files dns\n"), "fd");
  EXPECT_EQ(order("hosts:\tdns [!UNAVAIL=return] files # x\n"), "df");
  EXPECT_EQ(order("hosts: files\n"), "f");
  EXPECT_EQ(order("hosts:      files mdns4_minimal [NOTFOUND=return] dns\n"), "fd");
  EXPECT_EQ(order("hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns"), "df");
  EXPECT_EQ(order("#hosts: files\n"), "fd");
  EXPECT_EQ(order(""), "fd");
}

TEST(HostDatabasesTest, SeeChanges) {
  const std::string folder = testing::TempDir(), hosts = folder + "/hosts-" + std::to_string(::getpid());
  std::ofstream(hosts) << "192.0.2.1 a.example\n";
  HostDatabases databases(hosts, "/no/such/file");
  const Instant begin{1h};
  EXPECT_TRUE(databases.refresh(begin));
  EXPECT_EQ(databases.hosts().addresses.count("a.example"), 1u);
  EXPECT_EQ(databases.order().size(), 2u);
  const std::string fresh = hosts + ".new";
  std::ofstream(fresh) << "192.0.2.1 b.example\n";
  ASSERT_EQ(::rename(fresh.c_str(), hosts.c_str()), 0);
  EXPECT_FALSE(databases.refresh(begin + 500ms)) << "at most once a second";
  EXPECT_TRUE(databases.refresh(begin + 1s));
  EXPECT_EQ(databases.hosts().addresses.count("a.example"), 0u);
  EXPECT_EQ(databases.hosts().addresses.count("b.example"), 1u);
  EXPECT_FALSE(databases.refresh(begin + 2s));
  ::unlink(hosts.c_str());
  EXPECT_TRUE(databases.refresh(begin + 3s));
  EXPECT_TRUE(databases.hosts().names.empty());
}

}  // namespace
}  // namespace reeve
