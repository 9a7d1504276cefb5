#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "monitor/monitor.h"
#include "sys/descriptors.h"
#include "sys/output_files.h"
#include "sys/privileges.h"

namespace reeve {

namespace {

constexpr const char* kOwnConfiguration = "/etc/reeve.conf";
constexpr const char* kXinetdConfiguration = "/etc/xinetd.conf";

int fail(const std::string& why) {
  std::fprintf(stderr, "reeved: %s\n", why.c_str());
  return 1;
}

std::string current_directory() {
  char* const name = ::getcwd(nullptr, 0);
  std::string directory = name != nullptr ? name : "/";
  std::free(name);
  return directory;
}

Result<DaemonLogTarget> open_target(const CommandLine& line) {
  DaemonLogTarget target;
  target.kind = line.log_kind;
  target.path = line.log_path;
  target.facility = line.log_facility;
  target.least = line.debug ? Level::debug : Level::info;
  if (target.kind != DaemonLogTarget::Kind::file) return target;
  auto file = open_log_file(target.path);
  if (!file) return std::unexpected(std::move(file).error());
  target.fd = std::move(*file);
  return target;
}

// What a process may be started with by anybody: open files, ignored signals, a mask, an umask of 0.
rlimit make_clean(const InheritedSockets& inherited) {
  close_from(3 + inherited.count());
  take_over_signals();
  ::umask(::umask(0) | 022);
  // Root needs the launcher's groups for nothing, and servers must not inherit them.
  if (is_root()) (void)::setgroups(0, nullptr);
  return raise_descriptor_limit();
}

// Root's monitor: nobody else may look into it, and what it can't need it can't do.
std::optional<UserAccount> lower_privileges(DaemonLog& log) {
  if (!is_root()) return std::nullopt;
  forbid_inspection();
  const auto kept = keep_monitor_capabilities();
  if (!kept) log.say(Level::warning, kept.error().text());
  auto account = find_engine_account();
  if (account) log.say(Level::info, "the engine runs as user " + account->name);
  return account;
}

}  // namespace

int run_monitor(std::span<const char* const> arguments) {
  auto line = parse_command_line(arguments, current_directory());
  if (!line) return fail(line.error().text() + "\n" + std::string(usage()));
  if (line->version || line->help) {
    std::printf("%s", line->version ? "reeved " REEVE_VERSION "\n" : std::string(usage()).c_str());
    return 0;
  }
  if (line->configuration.empty()) line->configuration = ::access(kOwnConfiguration, F_OK) == 0 ? kOwnConfiguration : kXinetdConfiguration;

  const auto streams = occupy_standard_streams();
  if (!streams) return fail(streams.error().text());
  InheritedSockets inherited = InheritedSockets::from_environment();
  const rlimit open_files = make_clean(inherited);
  inherited.move_up();
  const ServiceManager service_manager = ServiceManager::from_environment();
  const Heritage heritage = Heritage::of_this_process(open_files);

  Background background;
  if (!line->foreground) {
    auto entered = Background::enter();
    if (!entered) return fail(entered.error().text());
    background = std::move(*entered);
  }
  const auto give_up = [&](const std::string& why) {
    background.failed("reeved: " + why, 1);
    return line->foreground ? fail(why) : 1;
  };

  auto target = open_target(*line);
  if (!target) return give_up(target.error().text());
  DaemonLog log("reeved", ::getpid(), std::move(*target));
  if (::chdir("/") != 0) return give_up("chdir / failed");
  if (!line->pid_file.empty()) {
    const auto written = write_pid_file(line->pid_file, ::getpid());
    if (!written) return give_up(written.error().text());
  }
  const auto remove_pid_file = [&] {
    if (!line->pid_file.empty()) remove_file(line->pid_file);
  };

  auto account = lower_privileges(log);
  auto poller = Poller::open();
  auto signals = SignalQueue::open();
  if (is_root() && !account) {
    remove_pid_file();
    return give_up("there is neither a user `reeve` nor a user `nobody` to run the engine as");
  }
  if (!poller || !signals) {
    remove_pid_file();
    return give_up((poller ? signals.error() : poller.error()).text());
  }
  auto address_news = AddressNews::open();
  if (!address_news) log.say(Level::warning, address_news.error().text() + ": interfaces that come and go are not noticed");
  Monitor monitor({*line, log, background, service_manager, heritage, inherited, std::move(*poller), std::move(*signals),
                   address_news ? std::optional(std::move(*address_news)) : std::nullopt, std::move(account)});
  const int status = monitor.run();
  remove_pid_file();
  return status;
}

}  // namespace reeve
