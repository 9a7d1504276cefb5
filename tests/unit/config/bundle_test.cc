// Reading files and what they include, and passing all of it on.
#include "config/bundle.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "config/inetd.h"
#include "parsing.h"

namespace reeve {
namespace {

std::string paths(const Bundle& bundle) {
  std::string all;
  for (const SourceFile& file : bundle.files) all += (all.empty() ? "" : " ") + file.path;
  return all;
}

std::string problems(const Bundle& bundle) {
  std::string all;
  for (const Diagnostic& one : bundle.problems)
    all += std::to_string(one.where.file) + ":" + std::to_string(one.where.line) + ":" + std::to_string(one.where.column) + " " + one.text +
           "\n";
  return all;
}

Bundle gathered(FakeFiles& files) {
  Result<Bundle> bundle = gather("/etc/main", files);
  EXPECT_TRUE(bundle);
  return bundle ? *std::move(bundle) : Bundle{};
}

TEST(Bundle, AsksAgainForAddressesOnly) {
  Bundle bundle;
  FakeNames names;
  const auto recording = recording_names(bundle, names);
  (void)recording->addresses_of_interface("eth0");
  (void)recording->find_interface("later0");
  (void)recording->find_user("root");
  EXPECT_FALSE(refresh_addresses(bundle, names));
  names.users.clear();
  EXPECT_FALSE(refresh_addresses(bundle, names));
  const auto before = recorded_names(bundle)->addresses_of_interface("eth0");
  ASSERT_EQ(before.size(), 2U);
  EXPECT_EQ(to_text(before[1].address), "fe80::7");
  EXPECT_EQ(before[1].scope, 3U);
  names.interfaces["eth0"].pop_back();
  EXPECT_TRUE(refresh_addresses(bundle, names));
  EXPECT_EQ(recorded_names(bundle)->addresses_of_interface("eth0").size(), 1U);
  names.interfaces["later0"];
  EXPECT_TRUE(refresh_addresses(bundle, names));
  EXPECT_EQ(recorded_names(bundle)->find_interface("later0"), 3U);
  EXPECT_TRUE(recorded_names(bundle)->find_user("root")) << "not asked again";
}

TEST(Gather, FollowsDirectivesInTheOrderOfTheText) {
  FakeFiles files;
  files.files = {{"/etc/main", "INCLUDE /a\n" + service("inner", "include = x") + "includedir /d\ninclude /b\n"},
                 {"/a", "include /c\n"},
                 {"/b", ""},
                 {"/c", ""},
                 {"/d/x", ""},
                 {"/d/10", ""},
                 {"/d/Z", ""}};
  files.directories = {{"/d", {"x", "10", "Z", "dotted.conf", ".hidden", "backup~", "folder"}}, {"/d/folder", {"deep"}}};
  const Bundle bundle = gathered(files);
  EXPECT_EQ(paths(bundle), "/etc/main /a /c /d/10 /d/Z /d/x /b");
  EXPECT_EQ(problems(bundle), "");
  EXPECT_EQ(bundle.includes.size(), 4U);
  EXPECT_EQ(bundle.files[0].text, files.files["/etc/main"]);
}

TEST(Gather, FailsOnlyWhenTheMainFileIsMissing) {
  FakeFiles files;
  EXPECT_FALSE(gather("/etc/main", files));
  files.files["/etc/main"] = "include /none\n  includedir /nodir\ninclude\nincludedir a b\ninclude \xff\n";
  EXPECT_EQ(problems(gathered(files)), "0:1:9 open /none: No such file or directory\n0:2:14 open /nodir: No such file or directory\n");
}

TEST(Gather, TakesARelativePathFromTheFileThatNamesIt) {
  FakeFiles files;
  files.files = {{"/etc/main", "include sub/a\nincludedir d\n"}, {"/etc/sub/a", "include b"}, {"/etc/sub/b", ""}, {"/etc/d/x", ""}};
  files.directories = {{"/etc/d", {"x"}}};
  EXPECT_EQ(paths(gathered(files)), "/etc/main /etc/sub/a /etc/sub/b /etc/d/x");
}

TEST(Gather, FindsLoops) {
  FakeFiles files;
  files.files = {{"/etc/main", "include /etc/main\ninclude /a\nincludedir /d"},
                 {"/a", "include /b"},
                 {"/b", "\ninclude /a"},
                 {"/d/self", "includedir /d"}};
  files.directories = {{"/d", {"self"}}};
  const Bundle bundle = gathered(files);
  EXPECT_EQ(problems(bundle), "0:1:9 /etc/main includes itself\n2:2:9 /a includes itself\n3:1:12 /d/self includes itself\n");
}

TEST(Gather, IsBoundedInDepthNumberAndSize) {
  FakeFiles deep;
  deep.files["/etc/main"] = "include /0";
  for (int i = 0; i < 3000; ++i) deep.files["/" + std::to_string(i)] = "include /" + std::to_string(i + 1);
  EXPECT_EQ(gathered(deep).files.size(), kMaxIncludeDepth);
  EXPECT_EQ(gathered(deep).problems.size(), 1U);

  FakeFiles wide;
  for (int i = 0; i < 3000; ++i) {
    wide.files["/etc/main"] += "include /" + std::to_string(i) + "\n";
    wide.files["/" + std::to_string(i)] = "";
  }
  EXPECT_EQ(gathered(wide).files.size(), kMaxFiles);
  EXPECT_EQ(gathered(wide).problems.size(), 1U);

  // Each file of the directory includes the directory: without a bound this would be every permutation.
  FakeFiles tangled;
  tangled.files["/etc/main"] = "includedir /d";
  for (int i = 0; i < 12; ++i) {
    tangled.directories["/d"].push_back(std::to_string(i));
    tangled.files["/d/" + std::to_string(i)] = "includedir /d";
  }
  EXPECT_LE(gathered(tangled).files.size(), kMaxFiles);

  FakeFiles large;
  large.files["/etc/main"] = std::string();
  large.files["/large"] = '#' + std::string(7u << 20, ' ');
  for (int i = 0; i < 20; ++i) large.files["/etc/main"] += "include /large\n";
  EXPECT_EQ(gathered(large).files.size(), 10U);
  EXPECT_EQ(gathered(large).problems.size(), 1U);
}

TEST(Gather, AnIncludeCostsNothingButItself) {
  FakeFiles files;
  files.files = {{"/etc/main", "include /none\n" + service("a") + "include /b\n" + defaults("instances = 3")},
                 {"/b", service("b", "", "4002") + defaults("instances = 4\nper_source = 5\ndisabled = c")}};
  files.files["/etc/main"] += service("c", "", "4003");
  FakeNames names;
  const Bundle bundle = gathered(files);
  const Parsed parsed = parse(bundle, names, {});
  ASSERT_EQ(parsed.configuration->services.size(), 2U) << told(parsed);
  EXPECT_EQ(parsed.configuration->services[1].id, "b");
  EXPECT_EQ(parsed.configuration->services[1].where.file, 1U);
  EXPECT_EQ(find(parsed, "a")->instances, 4U) << "the first of both files";
  EXPECT_EQ(find(parsed, "a")->per_source, 5U) << "defaults of included files count, too";
  EXPECT_TRUE(parsed.has_errors) << "the missing file";
  EXPECT_FALSE(parsed.unusable);
  EXPECT_EQ(parsed.diagnostics[0].where, (Where{1, 9, 0}));
}

TEST(Gather, AFileMayBeIncludedTwice) {
  FakeFiles files;
  files.files = {{"/etc/main", "include /a\ninclude /a\n"}, {"/a", service("a")}};
  FakeNames names;
  const Bundle bundle = gathered(files);
  EXPECT_EQ(bundle.files.size(), 3U);
  EXPECT_EQ(parse(bundle, names, {}).configuration->services.size(), 1U) << "the port is taken";
}

// The flat form ----------------------------------------------------------

Bundle sample() {
  FakeFiles files;
  files.files = {
      {"/etc/main", "include /a\ninclude /none\nincludedir /d\n" +
                        service("ftp", "user = daemon\ngroups = yes\ntype = RPC UNLISTED\nrpc_version = 1\nrpc_number = 2", "4005")},
      {"/a", service("a", "group = games\nonly_from = testnet nohost\nprotocol = icmp\nsocket_type = raw")},
      {"/d/x", std::string("\0\xff", 2)},
      {"/etc/inetd.conf", "alpha stream tcp nowait root /bin/cat\n"}};
  files.directories = {{"/d", {"x"}}};
  Bundle bundle = gathered(files);
  EXPECT_TRUE(add_inetd(bundle, "/etc/inetd.conf", files));
  FakeNames real;
  const std::unique_ptr<Names> recording = recording_names(bundle, real);
  const Parsed unheard = parse(bundle, *recording, {.inetd_compat = true});
  return bundle;
}

TEST(Serialize, RoundTrips) {
  const Bundle bundle = sample();
  const std::string bytes = serialize(bundle);
  const Result<Bundle> copy = deserialize(bytes);
  ASSERT_TRUE(copy) << copy.error().text();
  EXPECT_EQ(serialize(*copy), bytes);
  EXPECT_EQ(paths(*copy), paths(bundle));
  EXPECT_EQ(copy->includes, bundle.includes);
  EXPECT_EQ(copy->answers, bundle.answers);
  EXPECT_EQ(copy->inetd_file, bundle.inetd_file);
  EXPECT_EQ(problems(*copy), problems(bundle));
  EXPECT_TRUE(deserialize(serialize(Bundle{})));
}

TEST(Serialize, RefusesEveryCutAndEveryExtension) {
  const std::string bytes = serialize(sample());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(deserialize(std::string_view(bytes).substr(0, length))) << length;
  EXPECT_FALSE(deserialize(bytes + "x"));
  EXPECT_FALSE(deserialize(""));
}

TEST(Serialize, RefusesWhatIsNoTree) {
  const auto refused = [](std::map<Where, std::vector<std::uint16_t>> includes) {
    Bundle bundle = bundle_of("include /a\n");
    bundle.files.push_back({"/a", "include /b\n"});
    bundle.files.push_back({"/b", "include /a\n"});
    bundle.includes = std::move(includes);
    return !deserialize(serialize(bundle));
  };
  EXPECT_FALSE(refused({{{1, 1, 0}, {1}}, {{1, 1, 1}, {2}}}));
  EXPECT_TRUE(refused({{{1, 1, 0}, {0}}})) << "itself";
  EXPECT_TRUE(refused({{{1, 1, 0}, {1}}, {{1, 1, 1}, {2}}, {{1, 1, 2}, {1}}})) << "a loop";
  EXPECT_TRUE(refused({{{1, 1, 0}, {1, 1}}})) << "twice";
  EXPECT_TRUE(refused({{{1, 1, 0}, {3}}})) << "not there";
}

TEST(Serialize, SurvivesChangedBytes) {
  const std::string bytes = serialize(sample());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      const Result<Bundle> bundle = deserialize(changed);
      if (!bundle) continue;
      const std::unique_ptr<Names> names = recorded_names(*bundle);
      EXPECT_NE(parse(*bundle, *names, {.inetd_compat = true}).configuration, nullptr);
    }
  }
}

TEST(RecordedNames, AnswerAsTheRealOnesDid) {
  const Bundle bundle = sample();
  FakeNames real;
  const std::unique_ptr<Names> recorded = recorded_names(bundle);
  const Parsed before = parse(bundle, real, {.inetd_compat = true});
  const Parsed after = parse(bundle, *recorded, {.inetd_compat = true});
  EXPECT_EQ(told(before), told(after));
  ASSERT_EQ(before.configuration->services.size(), after.configuration->services.size());
  ASSERT_GE(after.configuration->services.size(), 3U) << told(after);
  for (std::size_t i = 0; i < before.configuration->services.size(); ++i) {
    const Service& a = before.configuration->services[i];
    const Service& b = after.configuration->services[i];
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.port, b.port);
    EXPECT_EQ(a.launch->uid, b.launch->uid);
    EXPECT_EQ(a.launch->gid, b.launch->gid);
    EXPECT_TRUE(std::ranges::equal(a.launch->groups, b.launch->groups));
  }
}

TEST(RecordedNames, DoNotAnswerWhatWasNeverAsked) {
  Bundle bundle = bundle_of("");
  const std::unique_ptr<Names> recorded = recorded_names(bundle);
  EXPECT_FALSE(recorded->find_user("root"));
  EXPECT_FALSE(recorded->find_port("ftp", "tcp"));
  EXPECT_FALSE(recorded->is_executable("/bin/cat"));
  EXPECT_TRUE(recorded->groups_of("root", 0).empty());
  bundle.answers[std::string("u\0root", 6)] = "nonsense";
  bundle.answers[std::string("s\0ftp\0tcp", 9)] = "70000";
  EXPECT_FALSE(recorded->find_user("root"));
  EXPECT_FALSE(recorded->find_port("ftp", "tcp")) << "no port";
}

}  // namespace
}  // namespace reeve
