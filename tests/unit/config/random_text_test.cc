// Whatever the text: parsing ends, says what it refuses, and gives the same result twice.
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/inetd.h"
#include "parsing.h"

namespace reeve {
namespace {

std::vector<std::string> seeds() {
  return {defaults("instances = 10\nlog_type = FILE /var/log/x 1M\nonly_from = 10.0.0.0 ::1\ncps = 5 5\ndisabled = b\npassenv = PATH") +
              service("a", "server_args = x y\nenv = A=1\nflags = IPv4 NAMEINARGS") +
              service("b", "type = INTERNAL UNLISTED\naccess_times = 9:00-17:00 Mon-Fri/22:00-6:00", "4002"),
          "include /etc/x\nincludedir /etc/x.d\n" + service("echo", "type = INTERNAL") +
              service("irc", "flags = SENSOR\ndeny_time = 60\nbind = 192.0.2.1") +
              service("r", "redirect = host.example 22\nlog_on_success += TRAFFIC", "4003") +
              service("rpc", "type = RPC UNLISTED\nrpc_version = 1-3\nrpc_number = 7"),
          "service ftp\n{\n\tsocket_type = stream\n\twait = no\n\tuser = nobody\n\tserver = /bin/cat\n\tno_access = 127.0.{1,2} "
          "host.example 10.0.0.0/8\n\trlimit_as = 8M\n\tumask = 022\n}\n"};
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string mutate(std::string text) {
    static const std::vector<std::string> kPieces = {"{\n",
                                                     "}\n",
                                                     "=",
                                                     "+=",
                                                     "-=",
                                                     " ",
                                                     "\n",
                                                     "\r",
                                                     std::string(1, '\0'),
                                                     "\xff",
                                                     "service ",
                                                     "defaults\n",
                                                     "include ",
                                                     "{1,",
                                                     "/",
                                                     "99999999999999999999",
                                                     "-1",
                                                     "::1/",
                                                     "UNLIMITED",
                                                     "yes",
                                                     "#",
                                                     "%n%s",
                                                     "compat = xinetd\n",
                                                     "strict = no\n",
                                                     "disable = no\n",
                                                     std::string(300, 'A')};
    for (std::size_t edits = 1 + pick(8); edits > 0; --edits) {
      const std::size_t at = pick(text.size() + 1);
      switch (pick(4)) {
        case 0:
          text.insert(at, kPieces[pick(kPieces.size())]);
          break;
        case 1:
          text.erase(at, 1 + pick(20));
          break;
        case 2:
          if (at < text.size()) text[at] = static_cast<char>(pick(256));
          break;
        default:
          text.insert(at, std::string(text, pick(text.size() + 1), pick(60)));
      }
    }
    return text;
  }

 private:
  std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

  std::mt19937 random_;
};

// Every third an inetd.conf alone, the others with one beside them.
Bundle random_bundle(unsigned seed) {
  Mutator mutator(seed);
  if (seed % 3 == 2) {
    Bundle bundle = bundle_of(mutator.mutate(
        "127.0.0.1:\n*:alpha stream tcp,sndbuf=1k nowait.5 root:games /bin/cat cat 'a b'\n  more\n#@ in ipsec x\n[::1],127.0.0.2:9 dgram "
        "udp4 wait "
        "nobody/x /bin/cat\ntcpmux/+x stream tcp nowait/1/2/3 root /bin/cat\nrstatd/2-4 dgram rpc/udp wait root /bin/cat\n"));
    bundle.inetd_file = 0;
    return bundle;
  }
  const std::vector<std::string> all = seeds();
  Bundle bundle = bundle_of(mutator.mutate(all[seed / 3 % all.size()]));
  bundle.files.push_back(
      {"/etc/inetd.conf", mutator.mutate("alpha stream tcp nowait root /bin/cat cat\necho dgram udp wait root internal\n")});
  bundle.inetd_file = 1;
  return bundle;
}

TEST(RandomText, IsParsedOrRefusedAndNothingElse) {
  for (unsigned seed = 0; seed < 2500; ++seed) {
    Bundle bundle = random_bundle(seed);
    FakeNames names;
    const ParseOptions options{.inetd_compat = true};
    const Parsed parsed = parse(bundle, names, options);
    ASSERT_NE(parsed.configuration, nullptr);

    const std::unique_ptr<Names> recording = recording_names(bundle, names);
    const Parsed first = parse(bundle, *recording, options);
    const Result<Bundle> copy = deserialize(serialize(bundle));
    ASSERT_TRUE(copy) << "seed " << seed;
    const std::unique_ptr<Names> recorded = recorded_names(*copy);
    const Parsed second = parse(*copy, *recorded, options);
    ASSERT_EQ(told(first), told(second)) << "seed " << seed;
    ASSERT_EQ(first.configuration->services.size(), second.configuration->services.size()) << "seed " << seed;

    EXPECT_EQ(parsed.has_errors, count(parsed, Severity::error) > 0) << "seed " << seed << '\n' << told(parsed);
    EXPECT_LE(parsed.refused.size(), count(parsed, Severity::error)) << "nobody is refused without a reason, seed " << seed << '\n'
                                                                     << told(parsed);
    for (const Diagnostic& one : parsed.diagnostics) {
      EXPECT_LT(one.where.file, bundle.files.size());
      EXPECT_FALSE(one.text.empty());
    }
    for (const Service& service : parsed.configuration->services) {
      EXPECT_NE(service.log, nullptr);
      EXPECT_FALSE(service.name.empty());
      EXPECT_EQ(service.launch != nullptr, service.kind == Kind::program) << "seed " << seed;
      EXPECT_EQ(service.redirect != nullptr, service.kind == Kind::redirect) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace reeve
