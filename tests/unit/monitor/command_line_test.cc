#include "monitor/command_line.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reeve {
namespace {

Result<CommandLine> parse(const std::vector<const char*>& words) {
  return parse_command_line(words, "/somewhere");
}

TEST(CommandLine, NothingGivenIsTheDaemonInTheBackgroundWithSyslog) {
  const auto line = parse({});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->configuration, "");
  EXPECT_FALSE(line->foreground || line->debug || line->stay_alive || line->inetd_compat || line->version || line->help);
  EXPECT_EQ(line->log_kind, DaemonLogTarget::Kind::syslog);
  EXPECT_EQ(line->log_facility, 3);
  EXPECT_EQ(line->process_limit, UINT32_MAX);
  EXPECT_EQ(line->ident_limit, 64U);
  EXPECT_FALSE(line->check_interval);
  EXPECT_EQ(line->pid_file, "");
}

TEST(CommandLine, InetdIsAlone) {
  EXPECT_FALSE(parse({"--inetd", "x", "-f", "y"}));
  EXPECT_FALSE(parse({"-f", "y", "--inetd"}));
  EXPECT_FALSE(parse({"-inetd_compat", "--inetd"}));
}

TEST(CommandLine, EveryOptionHasItsEffect) {
  struct Case {
    std::vector<const char*> words;
    bool (*holds)(const CommandLine&);
  };
  const std::vector<Case> cases{
      {{"-d"}, [](const CommandLine& l) { return l.debug && l.foreground && l.log_kind == DaemonLogTarget::Kind::stderr_; }},
      {{"-d", "-syslog", "user"}, [](const CommandLine& l) { return l.debug && l.log_kind == DaemonLogTarget::Kind::syslog; }},
      {{"-f", "/etc/x.conf"}, [](const CommandLine& l) { return l.configuration == "/etc/x.conf"; }},
      {{"-f", "x.conf"}, [](const CommandLine& l) { return l.configuration == "/somewhere/x.conf"; }},
      {{"--inetd"}, [](const CommandLine& l) { return l.inetd_alone && l.configuration == "/etc/inetd.conf"; }},
      {{"--inetd", "-d"}, [](const CommandLine& l) { return l.inetd_alone && l.debug && l.configuration == "/etc/inetd.conf"; }},
      {{"--inetd", "x", "-d"}, [](const CommandLine& l) { return l.inetd_alone && l.debug && l.configuration == "/somewhere/x"; }},
      {{"-f", "a", "-f", "b"}, [](const CommandLine& l) { return l.configuration == "/somewhere/b"; }},
      {{"-filelog", "log"},
       [](const CommandLine& l) { return l.log_kind == DaemonLogTarget::Kind::file && l.log_path == "/somewhere/log"; }},
      {{"-syslog", "local7"}, [](const CommandLine& l) { return l.log_kind == DaemonLogTarget::Kind::syslog && l.log_facility == 23; }},
      {{"-syslog", "auth"}, [](const CommandLine& l) { return l.log_facility == 4; }},
      {{"-pidfile", "run/pid"}, [](const CommandLine& l) { return l.pid_file == "/somewhere/run/pid"; }},
      {{"-dontfork"}, [](const CommandLine& l) { return l.foreground && l.stay_alive && !l.debug; }},
      {{"-stayalive"}, [](const CommandLine& l) { return l.stay_alive && !l.foreground; }},
      {{"-limit", "0"}, [](const CommandLine& l) { return l.process_limit == 0; }},
      {{"-limit", "4294967294"}, [](const CommandLine& l) { return l.process_limit == 4294967294U; }},
      {{"-logprocs", "3"}, [](const CommandLine& l) { return l.ident_limit == 3; }},
      {{"-cc", "60"}, [](const CommandLine& l) { return l.check_interval == 60U; }},
      {{"-inetd_compat"}, [](const CommandLine& l) { return l.inetd_compat; }},
      {{"-version"}, [](const CommandLine& l) { return l.version; }},
      {{"-reuse"}, [](const CommandLine& l) { return !l.foreground; }},
      {{"-shutdownprocs", "5"}, [](const CommandLine& l) { return !l.foreground; }},
  };
  for (const Case& one : cases) {
    const auto line = parse(one.words);
    ASSERT_TRUE(line) << one.words[0] << ": " << line.error().text();
    EXPECT_TRUE(one.holds(*line)) << one.words[0] << " " << (one.words.size() > 1 ? one.words[1] : "");
  }
}

TEST(CommandLine, MistakesAreRefusedAndNamed) {
  struct Case {
    std::vector<const char*> words;
    const char* said;
  };
  const std::vector<Case> cases{
      {{"-bogus"}, "unknown option `-bogus`"},
      {{"-pidfil", "x"}, "unknown option `-pidfil`"},
      {{"-D"}, "unknown option `-D`"},
      {{"somewhere"}, "unexpected word `somewhere`"},
      {{""}, "unexpected word ``"},
      {{"-f"}, "option -f needs a value"},
      {{"-f", ""}, "option -f needs a value"},
      {{"-limit"}, "option -limit needs a value"},
      {{"-limit", "many"}, "`many`"},
      {{"-limit", "-1"}, "`-1`"},
      {{"-limit", "4294967295"}, "`4294967295`"},
      {{"-limit", "99999999999999999999"}, "-limit"},
      {{"-limit", "5x"}, "`5x`"},
      {{"-limit", " 5"}, "` 5`"},
      {{"-logprocs", "many"}, "`many`"},
      {{"-cc", "often"}, "`often`"},
      {{"-cc", "0"}, "`0`"},
      {{"-shutdownprocs", "x"}, "`x`"},
      {{"-syslog", "nowhere"}, "no facility `nowhere`"},
      {{"-syslog", "daemon", "-filelog", "/dev/null"}, "-filelog cannot stand beside"},
      {{"-filelog", "/dev/null", "-syslog", "daemon"}, "-syslog cannot stand beside"},
  };
  for (const Case& one : cases) {
    const auto line = parse(one.words);
    ASSERT_FALSE(line) << one.said;
    EXPECT_NE(line.error().text().find(one.said), std::string::npos) << line.error().text();
  }
}

}  // namespace
}  // namespace reeve
