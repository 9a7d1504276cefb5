#include "monitor/trial.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

Bundle bundle_of(std::vector<std::string> texts) {
  Bundle bundle;
  for (std::string& text : texts) bundle.files.push_back({"/etc/x.conf", std::move(text)});
  return bundle;
}

TEST(ServiceEntry, IsFoundInAnyFileWhateverBecameOfIt) {
  for (const char* text : {"service x\n{\n}\n", "# nothing\n\n\t Service  x\n", "service\tx", "defaults\n{\n}\r\nservice x\r\n"}) {
    EXPECT_TRUE(has_service_entry(bundle_of({text}))) << text;
    EXPECT_TRUE(has_service_entry(bundle_of({"# main\n", text}))) << text;
  }
  for (const char* text : {"", "\n\n", "# service x\n", "defaults\n{\n}\n", "services x\n", "service", "servise x\n", "xservice y\n"}) {
    EXPECT_FALSE(has_service_entry(bundle_of({text}))) << text;
  }
}

TEST(ServiceEntry, IsAnyLineOfInetdConf) {
  Bundle bundle = bundle_of({"# main\n", "echo stream tcp nowait root internal\n"});
  EXPECT_FALSE(has_service_entry(bundle));
  bundle.inetd_file = 1;
  EXPECT_TRUE(has_service_entry(bundle));
}

}  // namespace
}  // namespace reeve
