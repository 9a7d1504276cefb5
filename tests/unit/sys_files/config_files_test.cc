#include "sys/config_files.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace reeve {
namespace {

constexpr uid_t kSomebody = 65534;

// A directory of the test's own, root's alone like /etc when the test runs as root.
class ConfigFiles : public testing::Test {
 protected:
  ConfigFiles() {
    std::string pattern = (std::filesystem::temp_directory_path() / "reeve-files-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    EXPECT_EQ(::chmod(directory_.c_str(), 0755), 0);
  }
  ~ConfigFiles() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }

  std::string file(const std::string& name, const std::string& text, mode_t mode = 0644) const {
    std::ofstream{path(name)} << text;
    EXPECT_EQ(::chmod(path(name).c_str(), mode), 0);
    return path(name);
  }

  static std::string refusal(const std::string& path, Trust trust = Trust::anybody) {
    const auto text = system_files(trust)->read_file(path);
    return text ? "accepted" : text.error().text();
  }
  static std::string list_refusal(const std::string& path, Trust trust = Trust::anybody) {
    const auto names = system_files(trust)->list_directory(path);
    return names ? "accepted" : names.error().text();
  }

  std::string directory_;
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ConfigFiles, ReadsARegularFileAsItIs) {
  const std::string text = std::string{"a\r\n\0b\xff", 6};
  EXPECT_EQ(system_files(Trust::anybody)->read_file(file("x", text)).value(), text);
  EXPECT_EQ(system_files(Trust::anybody)->read_file(file("empty", "")).value(), "");
}

TEST_F(ConfigFiles, ReadsWhatLiesAboutItsSize) {
  // fstat says 0 bytes.
  const auto text = system_files(Trust::anybody)->read_file("/proc/self/status");
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_TRUE(text->starts_with("Name:"));
}

TEST_F(ConfigFiles, RefusesWhatIsNoRegularFileWithoutWaiting) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0644), 0);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(fd);
  EXPECT_EQ(refusal(directory_), directory_ + ": is a directory");
  EXPECT_EQ(refusal(path("fifo")), path("fifo") + ": is a FIFO");
  EXPECT_EQ(refusal("/dev/zero"), "/dev/zero: is a character device");
  EXPECT_TRUE(refusal(path("socket")).starts_with(path("socket") + ": is a socket"));
}

TEST_F(ConfigFiles, SaysWhyAFileCannotBeOpened) {
  EXPECT_EQ(refusal(path("none")), "open " + path("none") + ": No such file or directory");
  EXPECT_EQ(refusal(std::string{"a\0b", 3}), "a file name with a NUL byte");
  ASSERT_EQ(::symlink(path("b").c_str(), path("a").c_str()), 0);
  ASSERT_EQ(::symlink(path("a").c_str(), path("b").c_str()), 0);
  EXPECT_TRUE(holds(refusal(path("a")), "symbolic links"));
}

TEST_F(ConfigFiles, HoldsTheBoundToTheByte) {
  const std::string at = file("at", ""), over = file("over", "");
  ASSERT_EQ(::truncate(at.c_str(), kMaxFileBytes), 0);
  ASSERT_EQ(::truncate(over.c_str(), kMaxFileBytes + 1), 0);
  EXPECT_EQ(refusal(at), "accepted");
  EXPECT_TRUE(holds(refusal(over), "more than 8 MiB"));
}

TEST_F(ConfigFiles, ListsADirectoryWithoutItselfAndItsParent) {
  file("b", "");
  file(".hidden", "");
  ASSERT_EQ(::mkdir(path("sub").c_str(), 0755), 0);
  auto names = system_files(Trust::anybody)->list_directory(directory_).value();
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{".hidden", "b", "sub"}));
  EXPECT_TRUE(holds(list_refusal(path("b")), "Not a directory"));
  EXPECT_TRUE(holds(list_refusal(path("none")), "No such file"));
}

TEST_F(ConfigFiles, LeavesNoDescriptorBehind) {
  const auto open_descriptors = [] {
    return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, std::filesystem::directory_iterator{});
  };
  const auto before = open_descriptors();
  file("x", "x", 0666);
  for (const Trust trust : {Trust::anybody, Trust::root_only}) {
    for (const char* name : {"x", "none", "."}) {
      (void)refusal(path(name), trust);
      (void)list_refusal(path(name), trust);
    }
  }
  EXPECT_EQ(open_descriptors(), before);
}

struct Judgement {
  Inode inode;
  Ownership ownership;
  bool trusted;
};

TEST(Distrust, TrustsOnlyWhatRootAloneCanChange) {
  const Judgement judgements[] = {
      {Inode::file, {0, 0, 0644}, true},
      {Inode::file, {0, 0, 0600}, true},
      {Inode::file, {0, 0, 0664}, true},  // root's own group
      {Inode::file, {0, 50, 0644}, true},
      {Inode::file, {0, 50, 0664}, false},
      {Inode::file, {0, 0, 0646}, false},
      {Inode::file, {0, 0, 01666}, false},  // the sticky bit protects the entries of directories only
      {Inode::file, {1000, 0, 0644}, false},
      {Inode::file, {1000, 1000, 0400}, false},
      {Inode::directory, {0, 0, 0755}, true},
      {Inode::directory, {0, 0, 01777}, true},
      {Inode::directory, {0, 0, 0777}, false},
      {Inode::directory, {0, 50, 0775}, false},
      {Inode::directory, {1000, 1000, 0755}, false},
      {Inode::directory, {1000, 1000, 01777}, false},
      {Inode::listed_directory, {0, 0, 0755}, true},
      {Inode::listed_directory, {0, 0, 01777}, false},
      {Inode::listed_directory, {0, 50, 0775}, false},
      {Inode::listed_directory, {1000, 0, 0755}, false},
  };
  for (const Judgement& it : judgements) {
    EXPECT_EQ(!distrust(it.inode, it.ownership).has_value(), it.trusted)
        << static_cast<int>(it.inode) << ' ' << it.ownership.uid << ':' << it.ownership.gid << ' ' << std::oct << it.ownership.mode;
  }
}

TEST_F(ConfigFiles, AnOrdinaryUsersOwnFileIsNotRoots) {
  if (::geteuid() == 0) GTEST_SKIP() << "runs as root; the next tests say the same with chown";
  EXPECT_TRUE(holds(refusal(file("mine", ""), Trust::root_only), "it belongs to uid"));
}

class TrustedFiles : public ConfigFiles {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to give files away";
  }
};

TEST_F(TrustedFiles, AcceptsARootsFileBelowTmp) {
  EXPECT_EQ(refusal(file("x", ""), Trust::root_only), "accepted");
  EXPECT_EQ(list_refusal(directory_, Trust::root_only), "accepted");
}

TEST_F(TrustedFiles, RefusesWhatOthersCanWriteAndSaysWhatToDo) {
  const std::string open_to_all = file("x", "", 0666);
  EXPECT_EQ(refusal(open_to_all, Trust::root_only),
            open_to_all + ": anybody can write to it (mode 0666); only what root alone can change is obeyed: chown root:root '" +
                open_to_all + "' && chmod go-w '" + open_to_all + "'");
  EXPECT_EQ(refusal(open_to_all, Trust::anybody), "accepted");
}

TEST_F(TrustedFiles, RefusesAnothersFileAndDirectory) {
  const std::string theirs = file("x", "");
  ASSERT_EQ(::chown(theirs.c_str(), kSomebody, 0), 0);
  EXPECT_TRUE(holds(refusal(theirs, Trust::root_only), "it belongs to uid 65534 (mode 0644)"));
  ASSERT_EQ(::mkdir(path("d").c_str(), 0755), 0);
  const std::string roots = file("d/x", "");
  EXPECT_EQ(refusal(roots, Trust::root_only), "accepted");
  ASSERT_EQ(::chown(path("d").c_str(), kSomebody, 0), 0);
  EXPECT_TRUE(holds(refusal(roots, Trust::root_only), path("d") + ": it belongs to uid 65534"));
  EXPECT_TRUE(holds(list_refusal(path("d"), Trust::root_only), path("d") + ": it belongs to uid 65534"));
}

TEST_F(TrustedFiles, RefusesADirectoryThatOthersWriteTo) {
  ASSERT_EQ(::mkdir(path("d").c_str(), 0755), 0);
  const std::string roots = file("d/x", "");
  ASSERT_EQ(::chmod(path("d").c_str(), 0777), 0);
  EXPECT_TRUE(holds(refusal(roots, Trust::root_only), "anybody can write to it"));
  // With the sticky bit nobody can replace root's file, but anybody can add one to a list.
  ASSERT_EQ(::chmod(path("d").c_str(), 01777), 0);
  EXPECT_EQ(refusal(roots, Trust::root_only), "accepted");
  EXPECT_TRUE(holds(list_refusal(path("d"), Trust::root_only), "use a directory that is root's alone"));
}

TEST_F(TrustedFiles, JudgesTheTargetOfALinkAndBothDirectories) {
  ASSERT_EQ(::mkdir(path("d").c_str(), 0755), 0);
  const std::string target = file("d/x", "");
  ASSERT_EQ(::symlink(target.c_str(), path("link").c_str()), 0);
  EXPECT_EQ(refusal(path("link"), Trust::root_only), "accepted");
  ASSERT_EQ(::chmod(path("d").c_str(), 0777), 0);
  EXPECT_TRUE(holds(refusal(path("link"), Trust::root_only), path("d") + ": anybody"));
  ASSERT_EQ(::chmod(path("d").c_str(), 0755), 0);
  // Who can write where the link stands can let it point elsewhere.
  ASSERT_EQ(::mkdir(path("open").c_str(), 0755), 0);
  ASSERT_EQ(::symlink(target.c_str(), path("open/link").c_str()), 0);
  EXPECT_EQ(refusal(path("open/link"), Trust::root_only), "accepted");
  ASSERT_EQ(::chmod(path("open").c_str(), 0777), 0);
  EXPECT_TRUE(holds(refusal(path("open/link"), Trust::root_only), path("open") + ": anybody"));
  ASSERT_EQ(::chown(target.c_str(), kSomebody, 0), 0);
  EXPECT_TRUE(holds(refusal(path("link"), Trust::root_only), "it belongs to uid"));
}

}  // namespace
}  // namespace reeve
