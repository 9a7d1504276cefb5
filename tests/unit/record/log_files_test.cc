#include "record/log_files.h"

#include <string>

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(LogFileTableTest, EachFileOnceInTheOrderOfServices) {
  const LogTarget none, own{.kind = LogTarget::Kind::file, .path = "/own", .soft_limit = 10, .hard_limit = 20};
  const LogTarget shared{.kind = LogTarget::Kind::file, .path = "/shared"};
  const LogTarget same{.kind = LogTarget::Kind::file, .format = LogFormat::json, .path = "/shared"};
  const LogTarget limited{.kind = LogTarget::Kind::file, .path = "/shared", .hard_limit = 5};
  const LogTarget syslog{.kind = LogTarget::Kind::syslog};
  Configuration configuration;
  const struct {
    Text id;
    const LogTarget* log;
    std::uint32_t expected;
  } kServices[] = {
      {"a", &none, LogFileTable::kNone},   {"b", &shared, 0}, {"c", &own, 1},
      {"d", &syslog, LogFileTable::kNone}, {"e", &same, 0},   {"f", &limited, 2},
  };
  for (const auto& [id, log, expected] : kServices) {
    Service service;
    service.id = id;
    service.log = log;
    configuration.services.push_back(service);
  }

  const LogFileTable table = log_files(configuration);
  ASSERT_EQ(table.of_service.size(), std::size(kServices));
  for (std::size_t i = 0; i < std::size(kServices); ++i) EXPECT_EQ(table.of_service[i], kServices[i].expected) << kServices[i].id;
  ASSERT_EQ(table.files.size(), 3u);
  EXPECT_EQ(table.files[0].path, "/shared");
  EXPECT_EQ(table.files[0].service, "");
  EXPECT_EQ(table.files[1].path, "/own");
  EXPECT_EQ(table.files[1].service, "c");
  EXPECT_EQ(table.files[1].soft_limit, 10u);
  EXPECT_EQ(table.files[1].hard_limit, 20u);
  EXPECT_EQ(table.files[2].service, "f");
}

}  // namespace
}  // namespace reeve
