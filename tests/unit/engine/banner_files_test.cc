// Banners are read anew when they change, and hold up nobody.
#include "engine/banner_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

namespace reeve {
namespace {

class BannerFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/banners-XXXXXX";
    ASSERT_NE(nullptr, ::mkdtemp(pattern.data()));
    folder_ = pattern;
  }
  void TearDown() override { (void)!std::system(("rm -r " + folder_).c_str()); }
  std::string file(const std::string& name, const std::string& text) {
    std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  std::string greeting(const Banners& banners, bool refused) {
    std::string all;
    for (const BannerFiles::Part& part : files_.greeting(banners, refused)) all += part.text;
    return all;
  }

  std::string folder_;
  Journal journal_{"test", 1, [] {
                     DaemonLogTarget target;
                     target.kind = DaemonLogTarget::Kind::stderr_;
                     return target;
                   }()};
  BannerFiles files_{journal_};
};

TEST_F(BannerFilesTest, SendsAlwaysThenSuccessOrFail) {
  const std::string always = file("always", "A\n"), success = file("success", "S\n"), fail = file("fail", "F\n");
  const Banners banners{always, success, fail};
  EXPECT_EQ("A\nS\n", greeting(banners, false));
  EXPECT_EQ("A\nF\n", greeting(banners, true));
}

TEST_F(BannerFilesTest, AChangedFileCountsAtOnce) {
  const std::string path = file("banner", "one\n");
  const Banners banners{path, {}, {}};
  EXPECT_EQ("one\n", greeting(banners, false));
  file("banner", "another\n");
  EXPECT_EQ("another\n", greeting(banners, false));
}

TEST_F(BannerFilesTest, ALargeBannerIsNotKeptInMemory) {
  const std::string path = file("large", std::string(BannerFiles::kMaxKeptBytes + 1, 'x'));
  const Banners banners{path, {}, {}};
  const auto parts = files_.greeting(banners, false);
  ASSERT_EQ(1u, parts.size());
  EXPECT_TRUE(parts[0].file);
  EXPECT_EQ("", parts[0].text);
}

TEST_F(BannerFilesTest, AFifoIsLeftOutWithoutWaiting) {
  const std::string path = folder_ + "/fifo";
  ASSERT_EQ(0, ::mkfifo(path.c_str(), 0600));
  const Banners banners{path, {}, {}};
  EXPECT_EQ("", greeting(banners, false));
}

TEST_F(BannerFilesTest, AMissingFileIsNoBanner) {
  const std::string path = folder_ + "/none";
  const Banners banners{{}, path, {}};
  EXPECT_EQ("", greeting(banners, false));
}

}  // namespace
}  // namespace reeve
