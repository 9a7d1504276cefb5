#include "monitor/followers.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sys/datagram_link.h"
#include "sys/descriptors.h"
#include "sys/follower_start.h"
#include "sys/output_files.h"

namespace reeve {

namespace {

constexpr std::chrono::seconds kYoung{5};
constexpr std::chrono::milliseconds kHold{100};
constexpr unsigned kMostDoublings = 8;  // then every 25 seconds
constexpr const char* kExecutable = "reeved-defence";
constexpr const char* kUsualStateDirectory = "/var/lib/reeve";

const char* name_of(FollowerKind kind) noexcept {
  return kind == FollowerKind::keeper ? "keeper" : "firewall";
}

// DIRECTORY/bans is the keeper's own; what it is in stays root's.
Result<std::string> own_directory(const std::string& directory, const std::optional<UserAccount>& account) {
  if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) return failure("cannot make " + directory, errno);
  const std::string own = directory + "/bans";
  if (::mkdir(own.c_str(), 0700) != 0 && errno != EEXIST) return failure("cannot make " + own, errno);
  if (!account) return own;
  const UniqueFd fd(::open(own.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return failure("cannot open " + own, errno);
  if (status.st_uid == account->uid) return own;
  const Raised chown_right(CAP_CHOWN);
  if (::fchown(fd.get(), account->uid, account->gid) != 0) return failure("cannot give " + own + " to " + account->name, errno);
  return own;
}

// Only we can read it. Who is given it says what is wrong with it.
UniqueFd open_secret(const std::string& path) {
  UniqueFd file(path.empty() ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  return file ? std::move(file) : UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

std::string death(int wait_status) {
  if (WIFSIGNALED(wait_status)) return fmt::format("died of signal {}", WTERMSIG(wait_status));
  return fmt::format("ended with status {}", WEXITSTATUS(wait_status));
}

}  // namespace

std::string state_directory(const StoreTerms& terms) {
  if (terms.off) return {};
  if (!terms.directory.empty()) return terms.directory;
  const char* given = std::getenv("STATE_DIRECTORY");
  if (given != nullptr && *given == '/') {
    const std::string_view all = given;
    return std::string(all.substr(0, all.find(':')));
  }
  return is_directory(kUsualStateDirectory) ? kUsualStateDirectory : std::string();
}

bool Followers::is_keeper_wanted() const {
  const Defence& defence = *configuration_->defence;
  if (!defence.alerts.sinks.empty() || !defence.lists.lists.empty() || defence.fleet.is_on()) return true;
  const std::string directory = state_directory(defence.store);
  if (directory.empty()) return false;
  return keeper_asked_for_ || may_ban() || is_directory(directory + "/bans");
}

bool Followers::may_ban() const {
  return configuration_->defence->penalties.are_on() ||
         std::ranges::any_of(configuration_->services, [](const Service& service) { return service.kind == Kind::sensor; });
}

bool Followers::is_firewall_wanted() const {
  return configuration_->defence->bans.in_kernel ||
         std::ranges::any_of(configuration_->services, [](const Service& service) { return service.on_unused_ports; });
}

void Followers::engine_started() noexcept {
  for (Follower& follower : followers_) {
    retire(follower);
    follower = {};
  }
}

void Followers::retire(Follower& follower) noexcept {
  if (follower.pid > 0) retired_.push_back(follower.pid);
  follower.pid = -1;
  follower.due.reset();
}

void Followers::follow(const ConfigurationRef& configuration, const UniqueFd& bundle, MessageSocket& engine, Instant now) {
  // The firewall guards the ports of services, too.
  const auto same_places = [](const Configuration& a, const Configuration& b) {
    return std::ranges::equal(a.places, b.places, [](const Place& x, const Place& y) {
      return x.address == y.address && x.port == y.port && x.service == y.service;
    });
  };
  // Their files are to be opened anew, as at every reload.
  const bool has_files =
      std::ranges::any_of(configuration->defence->alerts.sinks, [](const AlertSink& sink) { return sink.kind == AlertSink::Kind::file; });
  const bool is_new = configuration_ != configuration;
  const bool has_secrets = configuration->defence->fleet.is_on();
  const bool keeper_again = is_new && (has_files || has_secrets || !configuration_ || *configuration_->defence != *configuration->defence);
  const bool firewall_again = keeper_again || (is_new && !same_places(*configuration_, *configuration));
  configuration_ = configuration;
  bundle_ = keep_high(UniqueFd(::fcntl(bundle.get(), F_DUPFD_CLOEXEC, 3)));
  const StoreTerms& store = configuration->defence->store;
  if (!store.off && may_ban() && state_directory(store).empty() && !std::exchange(said_nowhere_, true))
    log_.say(Level::notice, "bans are not kept over a restart: there is no state_directory, and no " + std::string(kUsualStateDirectory));
  set(FollowerKind::keeper, is_keeper_wanted(), keeper_again, engine, now);
  set(FollowerKind::firewall, is_firewall_wanted(), firewall_again, engine, now);
}

void Followers::want_keeper(MessageSocket& engine, Instant now) {
  keeper_asked_for_ = true;
  if (!configuration_) return;
  const bool wanted = is_keeper_wanted();
  if (!wanted) engine.queue(as_bytes(FollowerMessage{.kind = FollowerKind::keeper}));  // somebody may wait for it
  set(FollowerKind::keeper, wanted, false, engine, now);
}

void Followers::set(FollowerKind kind, bool wanted, bool again, MessageSocket& engine, Instant now) {
  Follower& follower = of(kind);
  follower.wanted = wanted;
  if (!wanted) {
    // The engine drops its end, and the follower finishes.
    if (follower.pid > 0) engine.queue(as_bytes(FollowerMessage{.kind = kind}));
    return retire(follower);
  }
  if (follower.pid > 0 && !again) return;
  retire(follower);
  if (!follower.due) start(kind, engine, now);
}

void Followers::start(FollowerKind kind, MessageSocket& engine, Instant now) {
  Follower& follower = of(kind);
  follower.due.reset();
  if (leaving_) return;
  const auto fail = [&](const std::string& why) {
    log_.say(Level::error, fmt::format("the {} cannot be started: {}", name_of(kind), why));
    engine.queue(as_bytes(FollowerMessage{.kind = kind}));
  };
  // It will not come while we run: said, and not tried again.
  if (kind == FollowerKind::firewall && account_ && !is_permitted(CAP_NET_ADMIN))
    return fail("the right to change the packet filter (CAP_NET_ADMIN) is missing");
  std::string directory;
  std::vector<UniqueFd> files;
  if (kind == FollowerKind::keeper) {
    const std::string parent = state_directory(configuration_->defence->store);
    if (!parent.empty()) {
      auto own = own_directory(parent, account_);
      if (own) directory = std::move(*own);
      if (!own) log_.say(Level::error, "bans are not kept: " + own.error().text());
    }
    for (const AlertSink& sink : configuration_->defence->alerts.sinks) {
      if (sink.kind != AlertSink::Kind::file) continue;
      auto file = open_log_file(sink.target);
      if (!file) log_.say(Level::error, file.error().text());
      files.push_back(file ? std::move(*file) : UniqueFd(::open("/dev/null", O_WRONLY | O_CLOEXEC)));
    }
  }
  if (const FleetTerms& fleet = configuration_->defence->fleet; kind == FollowerKind::keeper && fleet.is_on()) {
    files.push_back(open_secret(fleet.key_file));
    files.push_back(open_secret(fleet.password_file));
  }
  auto pair = DatagramLink::make_pair();
  if (!pair) return fail(pair.error().text());
  FollowerStart begin;
  begin.path = follower_path(kExecutable);
  begin.arguments = {kExecutable, name_of(kind), directory, is_root() ? "root" : "user", inetd_compat_ ? "inetd_compat" : ""};
  begin.descriptors = {pair->second.get(), bundle_.get()};
  for (const UniqueFd& file : files) begin.descriptors.push_back(file.get());
  begin.account = account_;
  if (kind == FollowerKind::firewall) begin.capability = CAP_NET_ADMIN;
  begin.silent = silent_;
  const auto pid = start_follower(begin);
  if (!pid) return fail(pid.error().text());
  follower.pid = *pid;
  follower.started = now;
  std::vector<UniqueFd> attached;
  attached.push_back(std::move(pair->first));
  engine.queue(as_bytes(FollowerMessage{.kind = kind, .runs = 1}), std::move(attached));
}

bool Followers::reaped(const Reaped& reaped, MessageSocket* engine, Instant now) {
  if (std::erase(retired_, reaped.pid) != 0) return true;
  const auto found = std::ranges::find(followers_, reaped.pid, &Follower::pid);
  if (found == followers_.end()) return false;
  found->pid = -1;
  if (leaving_ || engine == nullptr) return true;
  found->young_deaths = now - found->started < kYoung ? found->young_deaths + 1 : 0;
  const auto kind = static_cast<FollowerKind>(found - followers_.begin() + 1);
  log_.say(Level::error, fmt::format("the {} {}; starting another", name_of(kind), death(reaped.wait_status)));
  found->due = now + kHold * (1u << std::min(found->young_deaths, kMostDoublings));
  return true;
}

std::optional<Instant> Followers::deadline() const noexcept {
  std::optional<Instant> earliest;
  for (const Follower& follower : followers_) {
    if (follower.due && (!earliest || *follower.due < *earliest)) earliest = follower.due;
  }
  return earliest;
}

void Followers::deadline_passed(MessageSocket* engine, Instant now) {
  for (const FollowerKind kind : {FollowerKind::keeper, FollowerKind::firewall}) {
    Follower& follower = of(kind);
    if (!follower.due || *follower.due > now) continue;
    follower.due.reset();
    if (engine != nullptr && follower.wanted && follower.pid <= 0) start(kind, *engine, now);
  }
}

bool Followers::all_ended() const noexcept {
  return retired_.empty() && std::ranges::all_of(followers_, [](const Follower& follower) { return follower.pid <= 0; });
}

void Followers::kill_all() noexcept {
  for (const pid_t pid : retired_) send_signal(pid, SIGKILL);
  for (const Follower& follower : followers_) {
    if (follower.pid > 0) send_signal(follower.pid, SIGKILL);
  }
}

}  // namespace reeve
