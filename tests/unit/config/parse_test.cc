// A whole configuration at once: defaults, switching on and off, what a mistake costs, who gets a port.
#include "config/parse.h"

#include <string>

#include <gtest/gtest.h>

#include "config/attributes.h"
#include "config/report.h"
#include "config/text_store.h"
#include "parsing.h"

namespace reeve {
namespace {

TEST(Parse, APlainServiceIsServed) {
  const Parsed parsed = parse_text(service("a"));
  EXPECT_EQ(told(parsed), "");
  ASSERT_EQ(parsed.configuration->services.size(), 1U);
  const Service& a = parsed.configuration->services[0];
  EXPECT_EQ(a.id, "a");
  EXPECT_EQ(a.port, 4001);
  EXPECT_EQ(a.kind, Kind::program);
  EXPECT_FALSE(a.wait);
  ASSERT_NE(a.launch, nullptr);
  EXPECT_EQ(a.launch->server, "/bin/cat");
  ASSERT_EQ(a.launch->arguments.size(), 1U);
  EXPECT_EQ(a.launch->arguments[0], "cat");
  ASSERT_NE(a.log, nullptr);
  EXPECT_EQ(a.log->kind, LogTarget::Kind::none);
  EXPECT_EQ(parsed.configuration->files[0], "/etc/xinetd.conf");
}

TEST(Parse, NothingIsAConfigurationToo) {
  for (const char* text : {"", "\n", "# x", "\xef\xbb\xbf", "defaults\n{\n}\n"}) {
    const Parsed parsed = parse_text(text);
    ASSERT_NE(parsed.configuration, nullptr);
    EXPECT_TRUE(parsed.configuration->services.empty());
    EXPECT_FALSE(parsed.has_errors);
  }
  FakeNames names;
  EXPECT_NE(parse(Bundle{}, names, {}).configuration, nullptr);
}

TEST(Parse, ConfigurationsOutliveTheirText) {
  ServiceRef a;
  {
    const Parsed parsed = parse_text(service("a", "id = some-long-id-that-is-not-small\nserver_args = argument-that-is-long-enough"));
    a = service_ref(parsed.configuration, 0);
  }
  EXPECT_EQ(a->id, "some-long-id-that-is-not-small");
  EXPECT_EQ(a->launch->arguments[1], "argument-that-is-long-enough");
}

// Positions ------------------------------------------------------------

TEST(Parse, ValuesKnowWhereTheyStand) {
  const Parsed parsed = parse_text(defaults("instances = 3\ncps = 1 1") + service("a", "per_source = 2\ncps = 2 2"));
  const Configuration& configuration = *parsed.configuration;
  const Service& a = configuration.services[0];
  EXPECT_EQ(configuration.where_of(a, "instances"), (Where{3, 1, 0})) << "of defaults";
  EXPECT_EQ(configuration.where_of(a, "cps"), (Where{15, 1, 0})) << "its own comes first";
  EXPECT_EQ(configuration.where_of(a, "Per_Source"), (Where{14, 1, 0}));
  EXPECT_EQ(configuration.where_of(a, "only_from"), a.where) << "not given: the entry";
  EXPECT_EQ(configuration.where_of(a, "nonsense"), a.where);
  EXPECT_EQ(a.where, (Where{6, 1, 0}));
}

TEST(Parse, DiagnosticsComeInTheOrderOfTheFile) {
  const Parsed parsed = parse_text("stray\n" + service("a", "colour = blue\nport = 99999\nnice = x") + service("b", "nice = 1 2", "4002") +
                                   "stray\n" + defaults("colour = red"));
  EXPECT_EQ(told(parsed),
            "1:1 error `stray` belongs to no entry (expected `service`, `defaults`, `include` or `includedir`)\n"
            "9:1 warning unknown attribute `colour` is ignored\n"
            "10:8 error port: `99999` is not a number from 0 to 65535\n"
            "11:8 error nice: `x` is not a number\n"
            "21:10 warning nice takes 1 value, here are 2, the line is ignored (nice = NUMBER)\n"
            "23:1 error `stray` belongs to no entry (expected `service`, `defaults`, `include` or `includedir`)\n"
            "26:1 warning unknown attribute `colour` is ignored\n");
  EXPECT_EQ(parsed.diagnostics[2].service, "a");
  EXPECT_EQ(parsed.diagnostics[0].service, "");
  EXPECT_EQ(parsed.refused, std::vector<std::string>{"a"});
}

// Defaults -------------------------------------------------------------

TEST(Defaults, HoldForServicesBeforeThemToo) {
  const Parsed parsed =
      parse_text(service("early") + defaults("instances = 7\naccess_times = 1:00-2:00\nlog_type = SYSLOG mail\ngroups = yes\nbanner = /b") +
                 service("late", "instances = 8", "4002"));
  EXPECT_EQ(find(parsed, "early")->instances, 7U);
  EXPECT_EQ(find(parsed, "early")->access_times.size(), 1U);
  EXPECT_EQ(find(parsed, "early")->banners, find(parsed, "late")->banners) << "shared";
  EXPECT_EQ(find(parsed, "early")->log, find(parsed, "late")->log);
  EXPECT_EQ(find(parsed, "late")->instances, 8U);
  EXPECT_EQ(find(parsed, "early")->log->facility, 2);
  EXPECT_EQ(find(parsed, "early")->launch->groups.size(), 1U);
}

TEST(Defaults, ASecondEntryInTheSameFileIsIgnored) {
  const Parsed parsed = parse_text(defaults("instances = 3") + defaults("instances = 0\ncps = x x") + service("a"));
  EXPECT_EQ(find(parsed, "a")->instances, 3U);
  EXPECT_EQ(count(parsed, Severity::warning), 1U) << told(parsed);
  EXPECT_FALSE(parsed.unusable);
}

TEST(Defaults, AMistakeCostsTheConfiguration) {
  for (const char* lines : {"instances = lots", "nonsense", "only_form = 127.0.0.1", "instances += 3", "instances = 3 4",
                            "log_on_success = FOO", "only_from = \xff", "env"}) {
    const Parsed parsed = parse_text(defaults(lines) + service("a"));
    EXPECT_TRUE(parsed.unusable) << lines << told(parsed);
    EXPECT_TRUE(parsed.has_errors);
  }
  EXPECT_TRUE(parse_text("defaults\n{\ninstances = 3\n" + service("a")).unusable) << "no closing brace";
  EXPECT_TRUE(parse_text("defaults\ninstances = 3\n}\n" + service("a")).unusable) << "no opening brace";
}

TEST(Defaults, WhatBelongsInServicesIsIgnoredWithAWarning) {
  const Parsed parsed =
      parse_text(defaults("user = nobody\nserver = /x\nenv = A=1\ndeny_time = 5\ncolour = blue\nport = 80") + service("a"));
  EXPECT_FALSE(parsed.has_errors) << told(parsed);
  EXPECT_EQ(count(parsed, Severity::warning), 6U) << told(parsed);
  EXPECT_TRUE(find(parsed, "a")->launch->env.empty());
}

TEST(Defaults, CompatAndStrictLeaveXinetdsResult) {
  for (const char* line : {"compat = xinetd", "strict = no"}) {
    const Parsed parsed =
        parse_text(defaults("only_form = 127.0.0.1\n" + std::string(line)) + service("a", "instanses = 3\ninstances = 4 5"));
    EXPECT_FALSE(parsed.has_errors) << told(parsed);
    EXPECT_EQ(count(parsed, Severity::warning), 3U);
    ASSERT_NE(find(parsed, "a"), nullptr);
  }
  EXPECT_TRUE(parse_text(defaults("compat = xinetd")).compat_xinetd);
  EXPECT_FALSE(parse_text(service("a", "compat = xinetd")).compat_xinetd);
}

// Switching on and off -------------------------------------------------

TEST(Switches, DisableTurnsOffAndExcusesMistakes) {
  const Parsed parsed =
      parse_text(service("off", "nice = x\nserver = /nonexistent\ndisable = yes\nport = 70000") + service("on", "disable = no", "4002"));
  EXPECT_EQ(find(parsed, "off"), nullptr);
  EXPECT_NE(find(parsed, "on"), nullptr);
  EXPECT_FALSE(parsed.has_errors) << told(parsed);
  EXPECT_EQ(count(parsed, Severity::warning), 2U) << told(parsed);
  EXPECT_TRUE(parsed.refused.empty());
}

TEST(Switches, DisableYesIsHeardWhereverItStands) {
  for (const char* lines : {"disable = yes\ndisable = no", "disable = no\ndisable = yes"})
    EXPECT_EQ(find(parse_text(service("a", lines)), "a"), nullptr) << lines;
}

TEST(Switches, ListsOfDefaultsGoByIdInAnyCase) {
  const Parsed disabled =
      parse_text(defaults("disabled = FIRST-id\ndisabled = third") + service("first", "id = first-id") + service("second", "", "4002") +
                 service("third", "", "4003") + service("fourth", "id = other", "4004"));
  EXPECT_EQ(disabled.configuration->services.size(), 2U);
  EXPECT_NE(find(disabled, "second"), nullptr);
  const Parsed enabled = parse_text(defaults("enabled = wanted off") + service("wanted") + service("off", "disable = yes", "4002") +
                                    service("unwanted", "nice = x", "4003"));
  ASSERT_EQ(enabled.configuration->services.size(), 1U);
  EXPECT_EQ(enabled.configuration->services[0].id, "wanted");
  EXPECT_FALSE(enabled.has_errors);
  EXPECT_EQ(parse_text(defaults("enabled =") + service("a")).configuration->services.size(), 0U) << "only these: none";
  EXPECT_EQ(parse_text(defaults("disabled = a b\ndisabled -= a") + service("a")).configuration->services.size(), 1U);
}

TEST(Switches, IdsThatNobodyHasAreNoted) {
  const Parsed parsed = parse_text(defaults("disabled = telnett") + service("telnet"));
  EXPECT_EQ(told(parsed), "3:1 note disabled: no service has the id `telnett`\n");
}

// What a mistake costs ---------------------------------------------------

TEST(Mistakes, CostTheServiceAndNotItsNeighbours) {
  for (const char* damage : {"nonsense", "nice = x", "server_args = \xff", "env = A=1\nenv -= A=1"}) {
    const Parsed parsed = parse_text(service("before", "", "4000") + service("bad", damage) + service("after", "", "4002"));
    EXPECT_NE(find(parsed, "before"), nullptr);
    EXPECT_EQ(find(parsed, "bad"), nullptr) << damage;
    EXPECT_NE(find(parsed, "after"), nullptr);
    EXPECT_EQ(parsed.refused, std::vector<std::string>{"bad"});
    EXPECT_FALSE(parsed.unusable);
  }
}

TEST(Mistakes, AreNotUndoneByDisableNo) {
  EXPECT_EQ(find(parse_text(service("a", "instances = lots\ndisable = no")), "a"), nullptr);
  const Parsed compat = parse_text(service("a", "instances = lots\ndisable = no\ncompat = xinetd"));
  ASSERT_NE(find(compat, "a"), nullptr) << "xinetd's old result";
  EXPECT_FALSE(compat.has_errors) << told(compat);
  EXPECT_EQ(count(compat, Severity::warning), 1U);
  EXPECT_EQ(find(parse_text(service("a", "disable = no\ninstances = lots\ncompat = xinetd")), "a"), nullptr);
}

TEST(Mistakes, DamageIsNotUndoneByDisableNo) {
  for (const char* damage : {"nonsense", "server_args = \xff"}) {
    const Parsed parsed = parse_text(service("a", std::string(damage) + "\ndisable = no\ncompat = xinetd"));
    EXPECT_EQ(find(parsed, "a"), nullptr) << "nor by xinetd's: " << damage;
    EXPECT_EQ(count(parsed, Severity::error), 1U) << told(parsed);
  }
}

std::string repeated(std::string_view line, int times) {
  std::string text;
  for (int each = 0; each < times; ++each) text += std::string(line) + "\n";
  return text;
}

// What one entry has to say is bounded, and mistakes of one kind do not push out those of another.
TEST(Mistakes, ManyOfThemHideNone) {
  const std::string many_slips = repeated("only_form = x", 150), many_refused = repeated("server_args = x\nenv = A=1\nenv -= A=1", 150);
  const std::string refused = "nice = x\n", enabled = "disable = no\n";
  for (const std::string& lines :
       {many_slips + refused + many_slips + "strict = no", many_slips + refused + many_slips + "compat = xinetd",
        many_refused + enabled + refused + "compat = xinetd", many_refused + enabled + many_slips + refused + "compat = xinetd",
        repeated("colour = blue", 150) + refused + many_slips + "strict = no",
        many_refused + "server_args = \xff\n" + enabled + "compat = xinetd",
        many_refused + enabled + many_slips + refused + many_refused}) {
    const Parsed parsed = parse_text(service("a", lines));
    EXPECT_EQ(find(parsed, "a"), nullptr) << lines;
    EXPECT_TRUE(parsed.has_errors) << lines << told(parsed);
    EXPECT_LT(parsed.diagnostics.size(), Report::kMaxOfEntry + 10);
  }
  for (const std::string& lines :
       {many_refused + enabled + many_slips + "compat = xinetd", repeated("env -= A=1\ndisable = no", 300) + "compat = xinetd"}) {
    const Parsed parsed = parse_text(service("a", lines));
    EXPECT_NE(find(parsed, "a"), nullptr) << lines << told(parsed);
    EXPECT_FALSE(parsed.has_errors) << lines;
    EXPECT_LT(parsed.diagnostics.size(), Report::kMaxOfEntry + 10);
  }
}

TEST(Mistakes, AMisspeltLimitClosesTheService) {
  for (const char* line : {"only_form = 127.0.0.1", "onlyfrom = 127.0.0.1", "noaccess = 127.0.0.1", "instanses = 3", "per_sourse = 3",
                           "acces_times = 1:00-2:00", "disabled = yes", "rlimit_cp = 5", "bindd = 127.0.0.1"}) {
    const Parsed parsed = parse_text(service("a", line));
    EXPECT_EQ(find(parsed, "a"), nullptr) << line;
    ASSERT_EQ(count(parsed, Severity::error), 1U) << told(parsed);
    EXPECT_NE(told(parsed).find("did you mean `"), std::string::npos);
    EXPECT_NE(find(parse_text(service("a", std::string(line) + "\nstrict = no")), "a"), nullptr) << line;
    EXPECT_NE(find(parse_text(service("a", "compat = xinetd\n" + std::string(line))), "a"), nullptr) << line;
  }
}

TEST(Mistakes, OtherUnknownNamesAreIgnoredWithAWarning) {
  for (const char* line : {"colour = blue", "enabled = a", "x = y", "service = x", "no_such = 1"}) {
    const Parsed parsed = parse_text(service("a", line));
    EXPECT_NE(find(parsed, "a"), nullptr) << line << told(parsed);
    EXPECT_EQ(count(parsed, Severity::warning), 1U) << told(parsed);
  }
  EXPECT_NE(told(parse_text(service("a", "sever_args = x"))).find("did you mean `server_args`?"), std::string::npos);
}

TEST(Mistakes, EveryRestrictingAttributeIsGuarded) {
  for (const Attribute& attribute : attributes()) {
    if (!attribute.restricts || attribute.place == Attribute::Place::defaults || attribute.name.size() < 4) continue;
    std::string misspelt(attribute.name);
    std::swap(misspelt[1], misspelt[2]);
    if (misspelt == attribute.name) continue;
    EXPECT_EQ(find(parse_text(service("a", misspelt + " = x")), "a"), nullptr) << misspelt;
  }
}

// Who gets a port --------------------------------------------------------

TEST(Listeners, TheFirstServiceHasThePort) {
  const Parsed parsed = parse_text(service("first") + service("second") + service("udp", "socket_type = dgram\nwait = yes") +
                                   service("bound", "bind = 127.0.0.4"));
  EXPECT_NE(find(parsed, "first"), nullptr);
  EXPECT_EQ(find(parsed, "second"), nullptr);
  EXPECT_NE(find(parsed, "udp"), nullptr);
  EXPECT_NE(find(parsed, "bound"), nullptr);
  ASSERT_EQ(count(parsed, Severity::error), 1U) << told(parsed);
  EXPECT_NE(told(parsed).find("10:1 error service second: "), std::string::npos) << told(parsed);
  EXPECT_NE(told(parsed).find("/etc/xinetd.conf:1"), std::string::npos) << "both places are named";
}

TEST(Listeners, ARefusedServiceTakesNoPort) {
  const Parsed parsed = parse_text(service("bad", "nice = x") + service("good") + service("off", "disable = yes"));
  EXPECT_NE(find(parsed, "good"), nullptr) << told(parsed);
}

TEST(Listeners, EqualIdsBothRunAndAreWarnedAbout) {
  const Parsed parsed = parse_text(service("x", "id = same") + service("y", "id = same", "4002"));
  EXPECT_EQ(parsed.configuration->services.size(), 2U);
  EXPECT_EQ(count(parsed, Severity::warning), 1U);
  EXPECT_NE(told(parsed).find("/etc/xinetd.conf:1"), std::string::npos);
}

TEST(Listeners, ServicesWithoutAPortOfTheirOwnDoNotClash) {
  const std::string mux = "type = TCPMUX UNLISTED";
  const Parsed parsed = parse_text(service("one", mux, "") + service("two", mux, ""));
  EXPECT_EQ(parsed.configuration->services.size(), 2U) << told(parsed);
}

// Memory -------------------------------------------------------------------

TEST(Sharing, EqualProgramsAndLogsAreStoredOnce) {
  const Parsed parsed = parse_text(service("a", "server_args = x\nlog_type = FILE /l") +
                                   service("b", "server_args = x\nlog_type = FILE /l", "4002") + service("c", "server_args = y", "4003"));
  EXPECT_EQ(find(parsed, "a")->launch, find(parsed, "b")->launch);
  EXPECT_NE(find(parsed, "a")->launch, find(parsed, "c")->launch);
  EXPECT_EQ(find(parsed, "a")->log, find(parsed, "b")->log);
}

TEST(Sharing, ProgramsThatDifferInAnythingAreTheirOwn) {
  std::string text = service("plain");
  int port = 5000;
  for (const char* line : {"user = nobody", "group = games", "umask = 0", "nice = 1", "env = A=1", "passenv =", "rlimit_cpu = 1",
                           "server = /bin/echo", "server_args = x", "flags = NAMEINARGS\nserver_args = y"})
    text += service("s" + std::to_string(port), line, std::to_string(port)), ++port;
  const Parsed parsed = parse_text(text);
  ASSERT_EQ(parsed.configuration->services.size(), 11U) << told(parsed);
  for (std::size_t i = 0; i < 11; ++i) {
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_NE(parsed.configuration->services[i].launch, parsed.configuration->services[j].launch) << i << ' ' << j;
  }
}

TEST(Sharing, AThousandServicesAreSmall) {
  std::string text = defaults("log_type = FILE /var/log/x\nonly_from = 127.0.0.0");
  for (int i = 0; i < 1000; ++i) text += service("service-" + std::to_string(i), "server_args = hello", std::to_string(1000 + i));
  const Parsed parsed = parse_text(text);
  ASSERT_EQ(parsed.configuration->services.size(), 1000U);
  EXPECT_LT(parsed.configuration->store->bytes() + 1000 * sizeof(Service), 450U * 1000U);
}

TEST(Sharing, QuestionsAreAskedOnce) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += service("s" + std::to_string(i), "groups = yes", std::to_string(1000 + i));
  FakeNames names;
  EXPECT_EQ(parse(bundle_of(text), names, {}).configuration->services.size(), 100U);
  EXPECT_EQ(names.questions, 4) << "user, its groups, program, the group of the control socket";
}

}  // namespace
}  // namespace reeve
