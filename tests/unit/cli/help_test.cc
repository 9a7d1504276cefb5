#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "cli/attribute_manual.h"
#include "cli/completion.h"
#include "cli/help_topics.h"
#include "cli/wrapped_text.h"
#include "config/attributes.h"

namespace reeve {
namespace {

CommandTree tree() {
  return {{.name = "", .options = {{.names = {"--version"}, .about = "The version"}}},
          {.name = "check",
           .about = "Say what's wrong",
           .help = "help of check\n",
           .options = {{.names = {"--file", "-f"}, .value = "FILE", .about = "a [file]: `it`"},
                       {.names = {"--inetd"}, .value = "FILE", .may_lack_value = true}}},
          {.name = "convert", .help = "help of convert\n", .options = {{.names = {"--from"}, .value = "inetd|systemd"}}},
          {.name = "show", .help = "help of show\n", .positionals = {{.names = {"SERVICE"}, .value = "SERVICE", .is_repeated = true}}}};
}

Answer asked(std::vector<std::string> words) {
  return help(words, tree(), "overview\n");
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Help, EveryAttributeHasAManual) {
  for (const Attribute& one : attributes()) {
    const AttributeManual* const manual = manual_of(one.name);
    ASSERT_NE(manual, nullptr) << one.name;
    EXPECT_GT(manual->text.size(), 20U) << one.name;
    EXPECT_FALSE(manual->otherwise.empty()) << one.name;
    EXPECT_TRUE(manual->text.ends_with('.') || manual->text.ends_with(')')) << one.name;
    EXPECT_EQ(std::ranges::count(manual->text, '`') % 2, 0) << one.name;
    EXPECT_EQ(manual->is_own, one.help.find("reeve's own") != std::string_view::npos) << one.name;
    EXPECT_TRUE(holds(attribute_help(one.name), one.values)) << one.name;
    EXPECT_TRUE(holds(attributes_as_mdoc(), ".It Cm " + std::string(one.name) + " ")) << one.name;
  }
}

TEST(Help, ListsTopicsAndExplainsEach) {
  const Answer all = asked({});
  EXPECT_TRUE(all.out.starts_with("overview\n")) << all.out;
  for (const HelpTopic& topic : help_topics()) {
    EXPECT_TRUE(holds(all.out, topic.name)) << topic.name;
    const Answer one = asked({std::string(topic.name)});
    EXPECT_EQ(one.exit_code, kClean);
    EXPECT_GT(one.out.size(), 100U) << topic.name;
    for (std::size_t at = 0; at < one.out.size();) {
      const std::size_t end = one.out.find('\n', at);
      EXPECT_LE(end - at, topic.name == "attributes" ? 160U : 92U) << one.out.substr(at, end - at);
      at = end + 1;
    }
  }
}

TEST(Help, ExplainsCommandsAndAttributes) {
  EXPECT_EQ(asked({"check"}).out, "help of check\n");
  EXPECT_TRUE(asked({"convert"}).out.starts_with("help of convert\n")) << "and the topic of that name";
  EXPECT_GT(asked({"convert"}).out.size(), 100U);
  EXPECT_TRUE(holds(asked({"attribute", "cps"}).out, "cps = RATE SECONDS"));
  EXPECT_TRUE(holds(asked({"attribute", "CPS", "bind"}).out, "bind = "));
}

TEST(Help, GuessesWhatWasMeant) {
  EXPECT_EQ(asked({"chek"}).err, "reeve: there is no command or topic `chek`: did you mean `check`?\n");
  EXPECT_EQ(asked({"chek"}).exit_code, kWrong);
  EXPECT_TRUE(holds(asked({"signls"}).err, "did you mean `signals`?"));
  EXPECT_TRUE(holds(asked({"attribute", "only_form"}).err, "did you mean `only_from`?"));
  EXPECT_EQ(asked({"attribute", "only_form"}).exit_code, kWrong);
  EXPECT_TRUE(holds(asked({"quite else"}).err, "Topics of reeve help"));
  EXPECT_EQ(no_such_command("shwo", tree()).err, "reeve: there is no command `shwo`: did you mean `show`?\n");
  EXPECT_EQ(no_such_command("xyzzy", tree()).err, "reeve: there is no command `xyzzy`: `reeve help` lists them\n");
  EXPECT_EQ(no_such_command("xyzzy", tree()).exit_code, kWrong);
}

TEST(WrappedText, FillsLinesAndLeavesExamples) {
  EXPECT_EQ(wrapped_text("a\nb\n\n    c  d\ne"), "a b\n\n    c  d\ne\n");
  const std::string text = wrapped_text(std::string(50, 'x') + ' ' + std::string(50, 'y'));
  EXPECT_EQ(text, std::string(50, 'x') + '\n' + std::string(50, 'y') + '\n');
}

TEST(Completion, HoldsEveryCommandAndOption) {
  for (const std::string& script : {bash_completion(tree()), zsh_completion(tree()), fish_completion(tree())}) {
    for (const char* word : {"check", "show", "convert"}) EXPECT_TRUE(holds(script, word)) << word;
    for (const char* word : {"version", "file", "inetd", "from", "inetd systemd", "_reeve_services"})
      EXPECT_TRUE(holds(script, word)) << word << script;
  }
  EXPECT_EQ(list_of_commands(tree()), "--version\ncheck\ncheck --file\ncheck -f\ncheck --inetd\nconvert\nconvert --from\nshow\n");
}

}  // namespace
}  // namespace reeve
