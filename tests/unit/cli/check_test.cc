#include "cli/check.h"

#include <string>

#include <gtest/gtest.h>

#include "unit/config/parsing.h"

namespace reeve {
namespace {

constexpr const char* kPath = "/etc/xinetd.conf";

Answer checked(const std::string& text, CheckRequest request = {}) {
  FakeFiles files;
  files.files[kPath] = text;
  FakeNames names;
  request.path = kPath;
  return check(request, files, names);
}

const std::string kWarned =
    "service alpha\n{\n\ttype = UNLISTED\n\tport = 4001\n\tsocket_type = stream\n\twait = no\n\tuser = root\n\tserver = /bin/cat\n\tnise = "
    "3\n}\n";
const std::string kBroken =
    "service alpha\n{\n\ttype = UNLISTED\n\tport = 4001\n\tsocket_type = stream\n\twait = no\n\tuser = root\n\tserver = "
    "/bin/cat\n\tonly_form = 10.0.0.1\n}\n";

TEST(Check, IsSilentAboutACleanFileButForTheSummary) {
  const Answer answer = checked(service("alpha"));
  EXPECT_EQ(answer.out, "0 errors, 0 warnings; 1 service would start\n");
  EXPECT_EQ(answer.err, "");
  EXPECT_EQ(answer.exit_code, kClean);
}

TEST(Check, WarningsCountOnlyWhenAskedTo) {
  EXPECT_EQ(checked(kWarned).exit_code, kClean);
  EXPECT_EQ(checked(kWarned, {.strict = true}).exit_code, kDoubtful);
  EXPECT_EQ(checked(kWarned).out,
            "/etc/xinetd.conf:9:2: warning: unknown attribute `nise` is ignored\n"
            "    9 | \tnise = 3\n"
            "      | \t^~~~\n"
            "      = did you mean `nice`?\n"
            "0 errors, 1 warning; 1 service would start\n");
}

TEST(Check, ShowsEveryMistakeAtItsPlace) {
  const Answer answer = checked(kBroken + service("beta", "", "4002") + "service gamma\n{\n\twait = perhaps\n}\n");
  EXPECT_NE(answer.out.find("/etc/xinetd.conf:9:2: error: unknown attribute `only_form`\n"
                            "    9 | \tonly_form = 10.0.0.1\n"
                            "      | \t^~~~~~~~~\n"
                            "      = did you mean `only_from`?"),
            std::string::npos)
      << answer.out;
  EXPECT_NE(answer.out.find(": error: wait: `perhaps`"), std::string::npos) << answer.out;
  EXPECT_NE(answer.out.find("; 1 service would start\na running reeved would refuse it and keep what it has\n"), std::string::npos)
      << answer.out;
  EXPECT_EQ(answer.exit_code, kWrong);
}

TEST(Check, AMistakeInDefaultsStartsNothing) {
  const Answer answer = checked(defaults("\tinstances = many") + service("alpha"));
  EXPECT_NE(answer.out.find("1 error, 0 warnings; 0 services would start\nreeved would not start with it"), std::string::npos)
      << answer.out;
  EXPECT_EQ(answer.exit_code, kWrong);
}

TEST(Check, NamesWhatXinetdTakesOtherwiseInTheOrderOfTheFile) {
  const std::string text = "defaults\n{\n\tcps = 25 30\n\tinstances = 7\n}\n" + kWarned;
  const Answer answer = checked(text, {.strict = true});
  const std::size_t note = answer.out.find("/etc/xinetd.conf:3:2: note: over cps"), warning = answer.out.find("warning: unknown attribute");
  EXPECT_LT(note, warning) << answer.out;
  EXPECT_LT(warning, answer.out.size()) << answer.out;
  EXPECT_EQ(checked(defaults("\tcps = 25 30") + service("alpha"), {.strict = true}).exit_code, kClean) << "a note is no warning";
}

TEST(Check, AnUnreadableFileIsSaidAndIsAnError) {
  FakeFiles files;
  FakeNames names;
  const Answer text = check({.path = "/no/such"}, files, names);
  EXPECT_EQ(text.out, "");
  EXPECT_EQ(text.err, "reeve: open /no/such: No such file or directory\n");
  EXPECT_EQ(text.exit_code, kWrong);
  const Answer json = check({.path = "/no/such", .json = true}, files, names);
  EXPECT_EQ(json.out, "{\"file\": \"/no/such\", \"unreadable\": \"open /no/such: No such file or directory\"}\n");
  EXPECT_EQ(json.exit_code, kWrong);
}

TEST(Check, GivesOneJsonDocument) {
  EXPECT_EQ(
      checked(service("alpha"), {.json = true}).out,
      "{\"file\": \"/etc/xinetd.conf\", \"errors\": 0, \"warnings\": 0, \"notes\": 0, \"services\": 1, \"usable\": true, \"refused\": [],\n"
      "\"diagnostics\": []}\n");
  const Answer broken = checked(kBroken, {.json = true});
  EXPECT_TRUE(
      broken.out.starts_with("{\"file\": \"/etc/xinetd.conf\", \"errors\": 1, \"warnings\": 0, \"notes\": 0, \"services\": 0, "
                             "\"usable\": true, \"refused\": [\"alpha\"],\n\"diagnostics\": [\n  {\"severity\": \"error\", "))
      << broken.out;
  EXPECT_EQ(broken.exit_code, kWrong);
}

TEST(Check, HasColourOnlyWhenAskedTo) {
  EXPECT_EQ(checked(kBroken).out.find('\033'), std::string::npos);
  EXPECT_NE(checked(kBroken, {.colour = true}).out.find('\033'), std::string::npos);
}

TEST(Check, NeverPassesAFilesControlCharactersOn) {
  const Answer answer = checked("service a\033]0;x\007\n{\n\t\033[2J = 1\n}\n");
  EXPECT_EQ(answer.out.find_first_of("\033\007"), std::string::npos);
  EXPECT_EQ(answer.exit_code, kWrong);
}

}  // namespace
}  // namespace reeve
