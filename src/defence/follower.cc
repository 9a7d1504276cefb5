#include "defence/follower.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string_view>

#include "config/bundle.h"
#include "config/defence.h"
#include "config/parse.h"
#include "defence/firewall_process.h"
#include "defence/keeper.h"
#include "sys/follower_sandbox.h"
#include "sys/memory_file.h"
#include "sys/privileges.h"

namespace reeve {

namespace {

constexpr int kSocket = 3, kBundle = 4, kFirstFile = 5;

Result<ConfigurationRef> read_configuration(int bundle_file, bool as_root, bool inetd_compat) {
  const auto bytes = read_memory_file(bundle_file);
  if (!bytes) return std::unexpected(bytes.error());
  const auto bundle = deserialize(*bytes);
  if (!bundle) return std::unexpected(bundle.error());
  ParseOptions options;
  options.running_as_root = as_root;
  options.inetd_compat = inetd_compat;
  options.own_uid = ::getuid();
  options.own_gid = ::getgid();
  const auto names = recorded_names(*bundle);
  Parsed parsed = parse(*bundle, *names, options);
  if (parsed.unusable) return failure("the bundle is not usable");
  return parsed.configuration;
}

// Before there is a second thread, and before a byte from outside has come.
void confine_itself(std::string_view kind, const Beginning& beginning) {
  static constexpr int kInternet[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};  // netlink: getaddrinfo(3) asks for addresses
  static constexpr int kKernel[] = {AF_UNIX, AF_NETLINK};
  FollowerRights rights{.families = kKernel};
  if (kind == "keeper") {
    const auto& sinks = beginning.configuration->defence->alerts.sinks;
    rights.families = kInternet;
    rights.writes_below = beginning.directory;
    rights.executes = std::ranges::any_of(sinks, [](const AlertSink& sink) { return sink.kind == AlertSink::Kind::command; });
  }
  const auto confined = confine_follower(rights);
  if (!confined) std::fprintf(stderr, "reeved-defence: without its sandbox: %s\n", confined.error().text().c_str());
}

int fail(std::string_view kind, const std::string& why) {
  std::fprintf(stderr, "reeved-defence: %.*s: %s\n", static_cast<int>(kind.size()), kind.data(), why.c_str());
  return 1;
}

}  // namespace

void say(DatagramLink& engine, Level level, std::string_view text) {
  SayMessage message;
  message.level = static_cast<std::uint32_t>(level);
  put_words(message.text, text);
  (void)engine.send(as_bytes(message));
}

void tell_state(DatagramLink& engine, std::string_view name, std::string_view text) {
  StateMessage message;
  put_words(message.name, name);
  put_words(message.text, text);
  (void)engine.send(as_bytes(message));
}

int run_follower(std::span<const char* const> arguments) {
  if (arguments.size() != 4) return fail("start", "this program is started by reeved, not by hand");
  const std::string_view kind = arguments[0];
  for (const int number : {SIGPIPE, SIGHUP, SIGINT, SIGXFSZ, SIGUSR1, SIGUSR2}) (void)std::signal(number, SIG_IGN);
  ::prctl(PR_SET_NAME, kind == "keeper" ? "reeved-keeper" : "reeved-firewall", 0, 0, 0);
  forbid_inspection();
  Beginning beginning;
  beginning.socket.reset(kSocket);
  const UniqueFd bundle(kBundle);
  auto configuration = read_configuration(bundle.get(), std::string_view(arguments[2]) == "root", *arguments[3] != '\0');
  if (!configuration) return fail(kind, configuration.error().text());
  beginning.configuration = std::move(*configuration);
  beginning.directory = arguments[1];
  const auto& sinks = beginning.configuration->defence->alerts.sinks;
  int next = kFirstFile;
  for (const AlertSink& sink : sinks) {
    if (sink.kind == AlertSink::Kind::file && kind == "keeper") beginning.files.emplace_back(next++);
  }
  confine_itself(kind, beginning);
  if (kind == "keeper" && beginning.configuration->defence->fleet.is_on()) {
    beginning.fleet_key.reset(next++);
    beginning.fleet_password.reset(next++);
  }
  if (kind == "keeper") return run_keeper(std::move(beginning));
  if (kind == "firewall") return run_firewall(std::move(beginning));
  return fail(kind, "there is no such follower");
}

}  // namespace reeve
