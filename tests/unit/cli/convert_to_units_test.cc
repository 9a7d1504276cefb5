// Conversions to systemd's units: who may come in, what is lost, and what comes back.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/convert.h"
#include "config/unit_access.h"
#include "unit/cli/converting.h"
#include "unit/cli/model.h"

namespace reeve {
namespace {

// ---------------------------------------------------------------- who may come in

Address random_address(Dice& dice) {
  if (dice.sometimes(2)) return Address::v4(static_cast<std::uint32_t>(0x0a000000 + dice.below(16) * 0x10 + dice.below(4)));
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
  bytes[4] = static_cast<std::uint8_t>(dice.below(4) << 6);
  bytes[15] = static_cast<std::uint8_t>(dice.below(4));
  return Address(bytes);
}

std::vector<Prefix> random_prefixes(Dice& dice, std::size_t most) {
  std::vector<Prefix> list;
  for (std::size_t count = dice.below(most + 1); count > 0; --count) {
    const Address address = random_address(dice);
    const std::vector<unsigned> bits =
        address.is_v4() ? std::vector<unsigned>{96, 100, 104, 124, 126, 127, 128} : std::vector<unsigned>{0, 1, 32, 34, 64, 126, 127, 128};
    list.push_back(Prefix::of(address, bits[dice.below(bits.size())]));
  }
  return list;
}

// systemd's rule: the allowed first, then the denied, else everybody; families apart.
bool systemd_admits(const std::vector<Prefix>& allowed, const std::vector<Prefix>& denied, const Address& source) {
  const auto has = [&](const std::vector<Prefix>& list) {
    return std::ranges::any_of(list, [&](const Prefix& one) { return one.is_v4() == source.is_v4() && one.contains(source); });
  };
  return has(allowed) || !has(denied);
}

std::string words_of(const std::vector<Prefix>& list) {
  std::string text;
  for (const Prefix& one : list) text += ' ' + access_word(one);
  return text;
}

bool reeve_admits(const Parsed& parsed, const Address& source) {
  return std::holds_alternative<Admitted>(decide(*parsed.configuration, parsed.configuration->services.front(), source, {}));
}

TEST(ConvertAccess, SystemdsListsAdmitTheSameHere) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    Dice dice(seed);
    const std::vector<Prefix> allowed = random_prefixes(dice, 4);
    std::vector<Prefix> denied = random_prefixes(dice, 4);
    if (dice.sometimes()) denied = {Prefix::of(Address::v4(0), 96), Prefix::of(Address{}, 0)};
    const AccessWords words = from_systemd(allowed, denied);
    std::string lines;
    if (words.only_from) lines += "only_from =" + words_of(*words.only_from);
    if (words.no_access) lines += (lines.empty() ? "" : "\n") + ("no_access =" + words_of(*words.no_access));
    const Parsed parsed = parse_text(service("alpha", lines));
    ASSERT_EQ(parsed.configuration->services.size(), 1U) << told(parsed);
    for (int turn = 0; turn < 40; ++turn) {
      const Address source = random_address(dice);
      ASSERT_EQ(systemd_admits(allowed, denied, source), reeve_admits(parsed, source))
          << to_text(source) << " allowed" << words_of(allowed) << " denied" << words_of(denied) << '\n'
          << lines;
    }
  }
}

TEST(ConvertAccess, OurListsAdmitTheSameThere) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    Dice dice(seed);
    std::string lines = dice.sometimes(5) ? "compat = xinetd" : "compat = no";
    if (dice.sometimes(2)) lines += "\nonly_from =" + words_of(random_prefixes(dice, 4));
    if (dice.sometimes(2)) lines += "\nno_access =" + words_of(random_prefixes(dice, 4));
    const Parsed parsed = parse_text(service("alpha", lines));
    ASSERT_EQ(parsed.configuration->services.size(), 1U) << told(parsed);
    const auto access = reeve::to_systemd(parsed.configuration->services.front());
    ASSERT_TRUE(access);
    for (int turn = 0; turn < 40; ++turn) {
      const Address source = random_address(dice);
      ASSERT_EQ(systemd_admits(access->allowed, access->denied, source), reeve_admits(parsed, source))
          << to_text(source) << '\n'
          << lines << "\nallowed" << words_of(access->allowed) << " denied" << words_of(access->denied);
    }
  }
}

// ---------------------------------------------------------------- to systemd, and back

TEST(ConvertToSystemd, MakesAPairOfAService) {
  const Conversion done =
      to_systemd(service("alpha", "server_args = -u %n $x\nuser = nobody\nonly_from = 10.0.0.0/8\ninstances = 4\ncps = 0 0"));
  EXPECT_EQ(done.answer.exit_code, kClean) << done.answer.err;
  EXPECT_EQ(done.answer.out, "/out/alpha.socket\n/out/alpha@.service\n");
  EXPECT_EQ(unit(done, "/out/alpha.socket"),
            "# Made from /etc/xinetd.conf:1 by reeve convert.\n\n[Unit]\nDescription=Socket of "
            "alpha\n\n[Socket]\nListenStream=4001\nBindIPv6Only=both\n"
            "Accept=yes\nMaxConnections=4\nTriggerLimitIntervalSec=0\nIPAddressAllow=10.0.0.0/"
            "8\nIPAddressDeny=any\n\n[Install]\nWantedBy=sockets.target\n");
  EXPECT_EQ(unit(done, "/out/alpha@.service"),
            "# Made from /etc/xinetd.conf:1 by reeve convert.\n\n[Unit]\nDescription=alpha\n\n[Service]\nExecStart=-/bin/cat -u %%n $$x\n"
            "StandardInput=socket\nStandardOutput=socket\nStandardError=socket\nUser=nobody\n");
}

TEST(ConvertToSystemd, WhatIsLostIsToldAtItsLine) {
  for (const std::string line : {"access_times = 9:00-17:00", "max_load = 2", "max_pressure = io:50", "libwrap = x", "banner = /x",
                                 "banner_fail = /x", "log_type = SYSLOG daemon", "log_on_failure = HOST", "log_on_success = PID",
                                 "cps = 5 10", "cps_action = close", "no_access = host.example", "only_from = host.example",
                                 "flags = UCSPI", "per_source = 3", "bind = eth0", "interface = eth0", "port = 4001-4003"}) {
    const Conversion done = to_systemd(service("alpha", line), {.strict = true});
    EXPECT_EQ(done.answer.exit_code, kDoubtful) << line << done.answer.err;
    EXPECT_TRUE(holds(done.answer.err, "/etc/xinetd.conf:")) << line << done.answer.err;
    EXPECT_TRUE(holds(unit(done, "/out/alpha.socket"), "# /etc/xinetd.conf:")) << line << unit(done, "/out/alpha.socket");
  }
}

TEST(ConvertToSystemd, WhatNoUnitCanStandForIsLeftOut) {
  for (const std::string& text :
       std::initializer_list<std::string>{service("echo", "type = INTERNAL UNLISTED"), service("alpha", "flags = SENSOR"),
                                          service("alpha", "redirect = host.example 22"), service("alpha", "type = TCPMUX", ""),
                                          service("rstatd", "type = RPC\nrpc_version = 1", ""), service("alpha", "proxy_from = 10.0.0.1"),
                                          service("alpha", "flags = IDONLY\nlog_on_success = USERID\nlog_type = SYSLOG daemon")}) {
    const Conversion done = to_systemd(text, {.strict = true});
    EXPECT_TRUE(done.files.empty()) << text;
    EXPECT_TRUE(holds(done.answer.err, "left out")) << text << done.answer.err;
    EXPECT_EQ(done.answer.exit_code, kDoubtful);
  }
}

TEST(ConvertToSystemd, RulesOfTheWrappersAreNotForgotten) {
  EXPECT_FALSE(holds(to_systemd(service("alpha"), {}, "# nothing\n\n").answer.err, "hosts.deny"));
  const Conversion done = to_systemd(service("alpha"), {.strict = true}, "ALL: ALL\n");
  EXPECT_TRUE(holds(done.answer.err, "hosts.deny")) << done.answer.err;
  EXPECT_EQ(done.answer.exit_code, kDoubtful);
  EXPECT_TRUE(holds(unit(done, "/out/alpha.socket"), "hosts.deny"));
  EXPECT_FALSE(holds(to_systemd(service("alpha", "flags = NOLIBWRAP"), {}, "ALL: ALL\n").answer.err, "hosts.deny"));
}

TEST(ConvertToSystemd, BansAreNotForgotten) {
  const std::string sensor = service("trap", "flags = SENSOR\ndeny_time = 60", "4002");
  const Conversion done = to_systemd(service("alpha") + sensor, {.words = {"alpha"}});
  EXPECT_TRUE(holds(unit(done, "/out/alpha.socket"), "# bans can't be said")) << unit(done, "/out/alpha.socket");
  EXPECT_FALSE(holds(to_systemd(service("alpha")).answer.err, "bans"));
}

TEST(ConvertToSystemd, ChoosesServicesAndRefusesOthers) {
  const std::string text = service("alpha") + service("beta", "", "4002");
  EXPECT_EQ(to_systemd(text, {.words = {"beta"}}).files.size(), 2U);
  const Conversion wrong = to_systemd(text, {.words = {"betta"}});
  EXPECT_EQ(wrong.answer.exit_code, kWrong);
  EXPECT_TRUE(holds(wrong.answer.err, "did you mean `beta`?")) << wrong.answer.err;
  EXPECT_TRUE(wrong.files.empty());
}

std::string random_service(Dice& dice, unsigned number) {
  const bool is_dgram = dice.sometimes(4), waits = is_dgram || dice.sometimes();
  const bool is_unix = !is_dgram && dice.sometimes(4);
  std::vector<std::string> lines{is_dgram ? "socket_type = dgram" : "socket_type = stream", waits ? "wait = yes" : "wait = no"};
  const auto maybe = [&](std::size_t one_in, std::string line) {
    if (dice.sometimes(one_in)) lines.push_back(std::move(line));
  };
  const std::string port = std::to_string(6000 + number * 10);
  if (is_unix) {
    lines.push_back("bind = " + dice.one_of({"/run/x%y.sock", "@abstract", "/run/a", "/run/b @c"}) + std::to_string(number));
    maybe(2, "socket_mode = " + dice.one_of({"600", "660", "666"}));
    maybe(3, "socket_user = " + dice.one_of({"daemon", "77"}));
    maybe(3, "socket_group = games");
  } else {
    lines.push_back("port = " + port + (dice.sometimes(5) ? " " + std::to_string(6001 + number * 10) : ""));
    maybe(3, "bind = " + dice.one_of({"127.0.0.1", "::1", "127.0.0.1 ::1", "0.0.0.0", "eth0", "fe80::1%eth0", "www.example.net"}));
    maybe(5, "v6only = yes");
  }
  lines.push_back("user = " + dice.one_of({"root", "nobody", "daemon", "77"}));
  maybe(4, "group = games");
  maybe(3, "groups = yes");
  std::vector<std::string> flags;
  for (const char* flag : {"NODELAY", "KEEPALIVE", "IPv4", "IPv6", "LISTEN_FDS", "REMOTE_ADDR", "NOLIBWRAP"}) {
    if (dice.sometimes(5) && !(waits && std::string(flag) == "REMOTE_ADDR")) flags.emplace_back(flag);
  }
  const bool has_arguments = dice.sometimes(2);
  if (has_arguments) {
    lines.push_back("server_args = " +
                    dice.some_of({"-u", "%", "%i", "$x", "${X}", "\"", "'", "\\", ";", "a=b", "\xc3\xa9", "#", "}", "*", "|"}, 6));
    if (dice.sometimes(3)) flags.emplace_back("NAMEINARGS");
  }
  if (!flags.empty()) lines.push_back(fmt::format("flags = {}", fmt::join(flags, " ")));
  maybe(3, "instances = " + dice.one_of({"1", "7", "8", "40", "UNLIMITED"}));
  maybe(3, "per_source = " + dice.one_of({"1", "30", "UNLIMITED"}));
  maybe(4, "source_prefix = " + dice.one_of({"32 128", "24 48"}));
  maybe(3, "cps = " + dice.one_of({"0 0", "5 10", "100 30"}));
  maybe(3, "umask = " + dice.one_of({"022", "077", "0"}));
  maybe(3, "nice = " + dice.one_of({"5", "-3", "0"}));
  maybe(3, "env = " + dice.some_of({"A=1", "B=$x", "C=%n", "D=\"q\"", "E=", "A=\\"}, 3));
  maybe(3, "passenv = " + dice.some_of({"PATH", "LANG", "FOO", "BAR"}, 2));
  for (const char* name : {"as", "data", "files", "rss", "stack"})
    maybe(6, std::string("rlimit_") + name + " = " + dice.one_of({"8M", "4096", "UNLIMITED"}));
  maybe(6, "rlimit_cpu = " + dice.one_of({"5", "UNLIMITED"}));
  maybe(3, "only_from = " + dice.some_of({"10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "192.0.2.7", "0.0.0.0/0"}, 3));
  maybe(3, "no_access = " + dice.some_of({"10.1.2.0/24", "10.0.0.0/8", "2001:db8:1::/48", "::/0"}, 2));
  maybe(8, "access_times = 9:00-17:00");
  std::string text = "service s" + std::to_string(number) + "\n{\n\ttype = UNLISTED\n\tserver = /bin/cat\n";
  for (const std::string& line : lines) text += '\t' + line + '\n';
  return text + "}\n";
}

// A key of the model, and the report that excuses a difference in it.
struct Excuse {
  const char* key;
  const char* report;
};
constexpr Excuse kExcuses[] = {
    {"cps_wait", "waiting time can't be said"},

    {"passenv", "environment is not passed on"},      {"groups", "groups = no can't be said"},   {"per_source", "source_prefix"},
    {"source_prefix", "source_prefix can't be said"}, {"binds", "bind means the interface"},     {"places", "bind means the interface"},
    {"family", "bind means the interface"},           {"binds", "the addresses of this moment"}, {"places", "the addresses of this moment"},
    {"family", "the addresses of this moment"},
};

// What has no meaning for a service, or is told by another key.
void forget_what_is_moot(Model& model, const Service& service) {
  model.erase("only_from");  // compared by what they admit
  model.erase("no_access");
  if (service.wait) {
    model.erase("instances");
    model.erase("per_source");
  }
  if (service.cps_rate == 0) model.erase("cps_wait");
  if (service.unix_socket != nullptr) model.erase("family");
  if (service.unix_socket != nullptr || service.family == Family::v4) model.erase("v6only");
  // All addresses of IPv4, said in two ways.
  if (model["binds"] == "0.0.0.0") {
    model["binds"] = "";
    for (std::size_t at = 0; (at = model["places"].find("0.0.0.0%", at)) != std::string::npos;) model["places"].replace(at, 7, "::");
  }
  if (service.wait || service.unix_socket != nullptr || source_limit(service) == kUnlimited) model.erase("source_prefix");
}

// A flag that the report names.
void forget_word(Model& model, Model& other, const std::string& flag) {
  for (Model* one : {&model, &other}) {
    std::string& flags = (*one)["flags"];
    const std::size_t at = flags.find(flag);
    if (at == std::string::npos) continue;
    flags.erase(at, flag.size());
    if (at < flags.size()) {
      flags.erase(at, 1);
    } else if (!flags.empty()) {
      flags.pop_back();
    }
  }
}

TEST(ConvertRoundTrip, WhatTheReportDoesNotNameComesBack) {
  std::size_t compared = 0, split = 0;
  for (unsigned seed = 0; seed < 1500; ++seed) {
    Dice dice(seed);
    std::string text;
    for (unsigned number = 0; number < 3; ++number) text += random_service(dice, number);
    const Parsed before = parse_text(text);
    const Conversion there = to_systemd(text);
    std::map<std::string, std::string> units;
    for (const NewFile& file : there.files) units[file.path.substr(5)] = file.text;
    if (units.empty()) continue;
    const Conversion back = from_systemd(units);
    const Parsed after = parse_text(back.answer.out);
    ASSERT_FALSE(after.has_errors) << text << back.answer.out << told(after);
    for (const Service& service : before.configuration->services) {
      const Service* const again = find(after, service.id);
      ASSERT_NE(again, nullptr) << service.id << text << there.answer.err << back.answer.out;
      // One of several entries, where the report says that they are several.
      const bool is_split = find(after, std::string(service.id) + "-2") != nullptr;
      split += is_split ? 1 : 0;
      if (is_split) {
        EXPECT_TRUE(holds(there.answer.err, "pairs of units") || holds(back.answer.err, "becomes")) << there.answer.err << back.answer.err;
      }
      // Its own comments, and the notes that hold for all.
      std::string told_of_it = unit(there, fmt::format("/out/{}.socket", service.id));
      for (std::size_t at = 0; (at = there.answer.err.find("reeve: note", at)) != std::string::npos; ++at)
        told_of_it += there.answer.err.substr(at, there.answer.err.find('\n', at) - at);
      Model model = model_of(*before.configuration, service), other = model_of(*after.configuration, *again);
      forget_what_is_moot(model, service);
      forget_what_is_moot(other, service);
      // Who comes by a unix socket has no address.
      if (service.unix_socket != nullptr || holds(told_of_it, "not REMOTE_HOST")) forget_word(model, other, "REMOTE_ADDR");
      if (holds(back.answer.err, "hosts.allow and hosts.deny are asked")) forget_word(model, other, "NOLIBWRAP");
      for (const auto& [key, value] : model) {
        const bool is_of_places = key == "ports" || key == "binds" || key == "places" || key == "family" || key == "unix_socket";
        if (is_split && is_of_places) continue;
        const bool is_excused =
            std::ranges::any_of(kExcuses, [&](const Excuse& one) { return one.key == key && holds(told_of_it, one.report); });
        if (is_excused || (other.contains(key) && other[key] == value)) continue;
        FAIL() << service.id << ' ' << key << ": `" << value << "` came back as `" << other[key] << "`\n"
               << text << there.answer.err << back.answer.out;
      }
      for (int turn = 0; turn < 30 && service.access_times.empty() && service.unix_socket == nullptr; ++turn) {
        const Address source = random_address(dice);
        const auto admits = [&](const Parsed& parsed, const Service& one) {
          return std::holds_alternative<Admitted>(decide(*parsed.configuration, one, source, {}));
        };
        ASSERT_EQ(admits(before, service), admits(after, *again)) << to_text(source) << text << back.answer.out;
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 3000U);
  EXPECT_GT(split, 10U);
}

}  // namespace
}  // namespace reeve
