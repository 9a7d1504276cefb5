#include "cli/show.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "cli/settings.h"
#include "config/attributes.h"
#include "config/plan.h"
#include "unit/config/parsing.h"

namespace reeve {
namespace {

constexpr const char* kPath = "/etc/xinetd.conf";

Answer shown(const std::string& text, ShowRequest request = {}) {
  FakeFiles files;
  files.files[kPath] = text;
  FakeNames names;
  request.path = kPath;
  return show(request, files, names);
}

TEST(Show, SaysWhereEveryValueComesFrom) {
  const Answer answer = shown(
      "defaults\n{\n\tinstances = 40\n\tonly_from = 127.0.0.1\n\tlog_type = SYSLOG daemon\n}\n"
      "service alpha\n{\n\ttype = UNLISTED\n\tport = 4001\n\tsocket_type = stream\n\twait = no\n\tuser = nobody\n"
      "\tserver = /bin/cat\n\tserver_args = -u -\n\tonly_from += 10.0.0.0\n\tcps = 20 5\n\tflags = NODELAY\n}\n");
  EXPECT_EQ(answer.exit_code, kClean);
  EXPECT_EQ(answer.err, "");
  EXPECT_EQ(answer.out,
            "service alpha  # /etc/xinetd.conf:7\n"
            "{\n"
            "    id              = alpha               # built-in\n"
            "    type            = UNLISTED            # /etc/xinetd.conf:9\n"
            "    flags           = NODELAY             # /etc/xinetd.conf:18\n"
            "    socket_type     = stream              # /etc/xinetd.conf:11\n"
            "    protocol        = tcp                 # built-in\n"
            "    wait            = no                  # /etc/xinetd.conf:12\n"
            "    port            = 4001                # /etc/xinetd.conf:10\n"
            "    user            = nobody              # /etc/xinetd.conf:13\n"
            "    server          = /bin/cat            # /etc/xinetd.conf:14\n"
            "    server_args     = -u -                # /etc/xinetd.conf:15\n"
            "    only_from       = 127.0.0.1           # defaults /etc/xinetd.conf:4\n"
            "    only_from      += 10.0.0.0/8          # /etc/xinetd.conf:16\n"
            "    instances       = 40                  # defaults /etc/xinetd.conf:3\n"
            "    per_source      = 30                  # built-in (from instances)\n"
            "    source_prefix   = 32 64               # built-in\n"
            "    cps             = 20 5                # /etc/xinetd.conf:17\n"
            "    cps_action      = automatic           # built-in\n"
            "    log_type        = SYSLOG daemon info  # defaults /etc/xinetd.conf:5\n"
            "}\n");
}

TEST(Show, SaysThatAServiceIsOpenOrShut) {
  EXPECT_NE(shown(service("alpha")).out.find("only_from       = 0.0.0.0/0 ::/0  # built-in (everybody)"), std::string::npos);
  const std::string shut = shown(service("alpha", "only_from =")).out;
  EXPECT_NE(shut.find("only_from       = "), std::string::npos) << shut;
  EXPECT_NE(shut.find("(nobody)"), std::string::npos) << shut;
}

TEST(Show, PicksServicesByIdOrName) {
  const std::string text = service("alpha", "id = one") + service("beta", "", "4002") + service("alpha", "id = two", "4003");
  EXPECT_EQ(shown(text, {.services = {"BETA"}}).out.find("service alpha"), std::string::npos);
  const std::string both = shown(text, {.services = {"alpha"}}).out;
  EXPECT_NE(both.find("= one"), std::string::npos);
  EXPECT_NE(both.find("= two"), std::string::npos);
  EXPECT_EQ(both.find("beta"), std::string::npos);
  EXPECT_EQ(shown(text, {.services = {"two"}}).out.find("= one"), std::string::npos);
}

TEST(Show, AnUnknownServiceIsAnErrorWithAGuess) {
  const Answer near = shown(service("alpha"), {.services = {"alhpa"}});
  EXPECT_EQ(near.out, "");
  EXPECT_EQ(near.err, "reeve: no service `alhpa` would start: did you mean `alpha`?\n");
  EXPECT_EQ(near.exit_code, kWrong);
  EXPECT_EQ(shown(service("alpha"), {.services = {"\033x"}}).err, "reeve: no service `?x` would start\n");
  const Answer refused = shown(service("alpha", "wait = perhaps"), {.services = {"alpha"}});
  EXPECT_NE(refused.err.find("errors cost it"), std::string::npos) << refused.err;
}

TEST(Show, ShowsWhatWouldStartInSpiteOfErrorsAndSaysSo) {
  const Answer some = shown(service("alpha") + service("beta", "wait = perhaps", "4002"));
  EXPECT_NE(some.out.find("service alpha"), std::string::npos);
  EXPECT_EQ(some.out.find("service beta"), std::string::npos);
  EXPECT_NE(some.err, "");
  EXPECT_EQ(some.exit_code, kClean);
  const Answer none = shown(defaults("\tinstances = many") + service("alpha"));
  EXPECT_EQ(none.out, "");
  EXPECT_EQ(none.exit_code, kWrong);
}

TEST(Show, AnAddressThatEndsInZeroStaysOne) {
  const std::string plain = shown(service("alpha", "no_access = 10.0.0.0/32 10.0.0.0"), {.form = ShowRequest::Form::plain}).out;
  EXPECT_NE(plain.find("no_access       = 10.0.0.0/32 10.0.0.0/8\n"), std::string::npos) << plain;
}

TEST(Show, GivesOneJsonDocument) {
  const std::string text = shown(service("alpha", "only_from = 10.0.0.1"), {.form = ShowRequest::Form::json}).out;
  EXPECT_TRUE(
      text.starts_with("{\"file\": \"/etc/xinetd.conf\", \"services\": [\n"
                       "{\"id\": \"alpha\", \"name\": \"alpha\", \"file\": \"/etc/xinetd.conf\", \"line\": 1, \"attributes\": [\n"
                       "  {\"name\": \"id\", \"value\": \"alpha\", \"from\": \"built-in\"},\n"))
      << text;
  EXPECT_TRUE(text.ends_with("]}]}\n")) << text;
}

TEST(Show, KnowsEveryAttributeOfTheTable) {
  const std::set<std::string_view> spent_on_reading{
<<<<<<< HEAD
      "ban_growth",    "ban_max",       "ban_memory",     "ban_prefix",   "never_ban",  "penalties",
      "penalty_decay", "penalty_limit", "control",        "control_read", "disable",    "disabled",
      "enabled",       "fleet",         "fleet_key_file", "fleet_name",   "fleet_node", "fleet_password_file",
      "fleet_rate",    "fleet_user",    "fleet_widest",   "interface",    "mdns",       "state_directory",
      "strict"};  // or the daemon's, of no service
=======
      "ban_scope",      "kernel_bans",     "control",    "control_read",        "disable",    "disabled",   "enabled",      "fleet",
      "fleet_key_file", "fleet_name",      "fleet_node", "fleet_password_file", "fleet_rate", "fleet_user", "fleet_widest", "interface",
      "mdns",           "state_directory", "strict"};  // or the daemon's, of no service
>>>>>>> 0d9f63e (Let the kernel drop banned sources, and watch unused ports by one socket)
  const std::vector<std::string_view> shown = shown_attributes();
  for (const Attribute& attribute : attributes()) {
    const bool is_shown = std::ranges::count(shown, attribute.name) == 1;
    const bool is_daemons = attribute.place == Attribute::Place::defaults;
    EXPECT_NE(is_shown, is_daemons || spent_on_reading.contains(attribute.name)) << attribute.name;
  }
  for (const std::string_view name : shown) EXPECT_NE(find_attribute(name), kNoAttribute) << name;
}

// The services that a text means are those that its plain form means.
void expect_round_trip(const std::string& text) {
  const Parsed before = parse_text(text);
  ASSERT_FALSE(before.has_errors) << told(before) << text;
  const std::string plain = shown(text, {.form = ShowRequest::Form::plain}).out;
  const Parsed after = parse_text(plain);
  ASSERT_FALSE(after.has_errors) << told(after) << plain;
  const Plan plan = diff(*before.configuration, *after.configuration);
  EXPECT_EQ(plan.added + plan.removed.size() + plan.changed, 0u) << text << "\nbecame\n" << plain;
}

TEST(Show, PlainFormIsReadAsTheSameConfiguration) {
  const char* const lines[] = {"",
                               "id = other",
                               "flags = NODELAY KEEPALIVE NORETRY IPv6",
                               "flags = IPv4 IDONLY NOLIBWRAP",
                               "flags = NAMEINARGS\nserver_args = kitty -x",
                               "server_args = -a b=c #x",
                               "protocol = tcp",
                               "bind = 127.0.0.1",
                               "bind = ::1",
                               "v6only = yes",
                               "group = games",
                               "groups = yes\nuser = daemon",
                               "env = A=1\nenv += B=2=3",
                               "passenv = HOME PATH",
                               "passenv =",
                               "nice = -5",
                               "umask = 7",
                               "rlimit_as = 10M\nrlimit_cpu = 10\nrlimit_data = 3K",
                               "rlimit_stack = UNLIMITED\nrlimit_rss = 1\nrlimit_files = 1K",
                               "only_from = 10.0.0.0 192.168.0.0/16 ::1 2001:db8::/32",
                               "only_from =",
                               "only_from = 10.1.2.{3,4,5}\nonly_from += 10.9.0.0\nonly_from -= 10.1.2.4",
                               "no_access = 127.0.0.1 0.0.0.0",
                               "access_times = 2:00-8:59 22:30-24:00 23:00-1:00",
                               "access_times = Mon-Fri/9:00-17:00 Sat,Sun/10:00-12:00 Fri-Mon/1:00-2:00",
                               "libwrap = other",
                               "instances = 10\nper_source = 2",
                               "per_source = UNLIMITED",
                               "instances = UNLIMITED",
                               "cps = 100 3",
                               "cps = 0 0",
                               "cps_action = close",
                               "source_prefix = 24 48",
                               "max_load = 2.75",
                               "log_type = FILE /var/log/x",
                               "log_type = FILE /var/log/x 10K",
                               "log_type = FILE /var/log/x 10K 2M",
                               "log_type = SYSLOG local7 debug",
                               "log_format = json",
                               "log_on_success = PID HOST EXIT DURATION",
                               "log_on_failure = HOST ATTEMPT",
                               "log_on_success =",
                               "banner = /etc/motd\nbanner_success = /etc/a\nbanner_fail = /etc/b",
                               "compat = xinetd",
                               "compat = xinetd\nv6only = no",
                               "redirect = 192.0.2.1 80",
                               "max_pressure = cpu:60 memory:10.5 io:100",
                               "flags = SENSOR\ndeny_time = 60",
                               "flags = SENSOR\ndeny_time = FOREVER",
                               "flags = SENSOR\nsensor_reply = reset",
                               "flags = SENSOR\nsensor_reply = tarpit",
                               "flags = SENSOR\nsensor_reply = banner /etc/motd",
                               "flags = SENSOR\nsensor_reply = record 4096",
                               "sensor_reply = record 4096",
                               "flags = SENSOR\nsocket_type = dgram\ndeny_time = 5\nudp_bans = no\nwait = yes",
                               "type = RPC UNLISTED\nrpc_number = 400000\nrpc_version = 2-4",
                               "strict = no\nonly_form = x"};
  for (const char* own : lines) {
    SCOPED_TRACE(own);
    expect_round_trip(service("alpha", own));
    // The same values by way of defaults, wherever the table allows it.
    bool in_defaults = own[0] != '\0';
    for (std::string_view rest = own; !rest.empty();) {
      const std::uint8_t index = find_attribute(rest.substr(0, rest.find(' ')));
      in_defaults = in_defaults && index != kNoAttribute && attributes()[index].allowed_in_defaults();
      rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
    }
    if (in_defaults)
      expect_round_trip(defaults(own) + service("alpha") + service("beta", "only_from += 10.0.0.0\nlog_on_success += PID", "4002"));
  }
}

}  // namespace
}  // namespace reeve
