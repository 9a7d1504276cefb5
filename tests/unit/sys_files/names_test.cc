#include "sys/names.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(SystemNames, KnowUsersAndGroups) {
  const auto names = system_names();
  ASSERT_TRUE(names->find_user("root"));
  EXPECT_EQ(names->find_user("root")->uid, 0u);
  EXPECT_EQ(names->find_group("root").value_or(1), 0u);
  EXPECT_FALSE(names->find_user("no such user"));
  EXPECT_FALSE(names->find_user(""));
  EXPECT_FALSE(names->find_user(std::string{"root\0x", 6})) << "the part before a NUL is another name";
  EXPECT_FALSE(names->find_group("no such group"));
  const auto groups = names->groups_of("root", 4242);
  EXPECT_TRUE(std::ranges::count(groups, 4242u) == 1) << "the primary group belongs to them";
  EXPECT_EQ(names->groups_of("no such user", 7), std::vector<std::uint32_t>{7});
}

TEST(SystemNames, SayTheSameAsTheSystemForEveryService) {
  const auto names = system_names();
  std::vector<std::pair<std::string, std::string>> services;
  ::setservent(1);
  while (const servent* entry = ::getservent()) services.emplace_back(entry->s_name, entry->s_proto);
  ::endservent();
  if (services.empty()) GTEST_SKIP() << "no services(5) here";
  for (const auto& [name, protocol] : services) {
    const servent* asked = ::getservbyname(name.c_str(), protocol.c_str());
    ASSERT_NE(asked, nullptr);
    EXPECT_EQ(names->find_port(name, protocol), ntohs(static_cast<std::uint16_t>(asked->s_port))) << name << '/' << protocol;
  }
  EXPECT_FALSE(names->find_port("no such service", "tcp"));
  EXPECT_FALSE(names->find_port("smtp", "no such protocol"));
  EXPECT_FALSE(names->find_port("", ""));
}

TEST(SystemNames, KnowAliases) {
  if (::getservbyname("mail", "tcp") == nullptr) GTEST_SKIP() << "no alias `mail` in services(5)";
  EXPECT_EQ(system_names()->find_port("mail", "tcp"), 25);
}

TEST(SystemNames, AnswerTenThousandQuestionsQuickly) {
  if (::getservbyname("smtp", "tcp") == nullptr) GTEST_SKIP() << "no services(5) here";
  const auto names = system_names();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(names->find_port("smtp", "tcp"), 25);
    EXPECT_TRUE(names->find_user("root"));
    EXPECT_FALSE(names->find_port("missing", "tcp"));
  }
  // A scan of services(5) each time takes about 1 s.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds{300});
}

TEST(SystemNames, KnowProtocolsNetworksAndPrograms) {
  const auto names = system_names();
  if (::getprotobyname("udp") != nullptr) {
    EXPECT_EQ(names->find_protocol("udp"), 17);
  }
  EXPECT_FALSE(names->find_protocol("no such protocol"));
  if (::getnetbyname("loopback") != nullptr) {
    EXPECT_EQ(names->find_network("loopback"), 0x7f000000u);
  }
  EXPECT_FALSE(names->find_network("no-such-network"));
  if (::getrpcbyname("portmapper") != nullptr) {
    EXPECT_EQ(names->find_rpc("portmapper"), 100000u);
  }
  EXPECT_FALSE(names->find_rpc("no such program"));
}

TEST(SystemNames, KnowWhatCanBeExecuted) {
  const auto names = system_names();
  EXPECT_TRUE(names->is_executable("/bin/sh"));
  EXPECT_FALSE(names->is_executable("/bin"));
  EXPECT_FALSE(names->is_executable("/etc/passwd"));
  EXPECT_FALSE(names->is_executable("/no/such/file"));
  EXPECT_FALSE(names->is_executable(""));
}

}  // namespace
}  // namespace reeve
