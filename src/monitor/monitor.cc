#include "monitor/monitor.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "monitor/state_dump.h"
#include "sys/children.h"
#include "sys/clock.h"
#include "sys/descriptors.h"
#include "sys/output_files.h"
#include "sys/processors.h"
#include "sys/program_age.h"

namespace reeve {

namespace {

static_assert(sizeof(StartMessage) <= MessageSocket::kMaxReceived && sizeof(WrapMessage) <= MessageSocket::kMaxReceived &&
              sizeof(BansMessage) <= MessageSocket::kMaxReceived);

constexpr std::chrono::seconds kServersTime{3};      // to end, when the daemon does
constexpr std::chrono::milliseconds kReapTime{300};  // for those that had to be killed
constexpr std::chrono::seconds kEngineTime{1}, kFollowersTime{3};
constexpr std::chrono::milliseconds kCrowdedTime{10};
constexpr std::chrono::milliseconds kLazyTime{2};
constexpr std::chrono::milliseconds kAddressesTime{100};  // an interface's addresses come one after the other

bool has_passed(const std::optional<Instant>& due, Instant now) {
  return due && *due <= now;
}

AdoptionTerms adoption_terms(const CommandLine& line) {
  return {.daemon_pid = ::getpid(),
          .process_limit = line.process_limit,
          .ident_limit = line.ident_limit,
          .as_root = is_root(),
          .inetd_compat = line.inetd_compat,
          .least = line.debug ? Level::debug : Level::info};
}

Trial::Terms trial_terms(const Monitor::Parts& parts) {
  ParseOptions options;
  options.running_as_root = is_root();
  options.inetd_compat = parts.line.inetd_compat;
  options.inetd_alone = parts.line.inetd_alone;
  options.own_uid = ::getuid();
  options.own_gid = ::getgid();
  return {parts.line.configuration, options, parts.engine_account};
}

// systemd.exec(5): several are separated by colons.
std::string runtime_directory() {
  const char* given = std::getenv("RUNTIME_DIRECTORY");
  if (given == nullptr || *given != '/') return is_directory("/run") ? "/run" : "/var/run";
  const std::string_view all = given;
  return std::string(all.substr(0, all.find(':')));
}

std::string death(int wait_status) {
  if (WIFSIGNALED(wait_status)) return fmt::format("died of signal {}", WTERMSIG(wait_status));
  return fmt::format("ended with status {}", WEXITSTATUS(wait_status));
}

}  // namespace

Monitor::Monitor(Parts parts)
    : parts_(std::move(parts)),
      engine_(parts_.engine_account, !parts_.line.foreground),
      servers_(first_high_descriptor(), parts_.log),
      wrapping_({parts_.log, servers_, parts_.heritage, parts_.engine_account}),
      rpc_services_(parts_.log),
      control_(parts_.log, instant_now()),
      guards_(parts_.log),
      followers_(parts_.log, parts_.engine_account, !parts_.line.foreground, parts_.line.inetd_compat),
      reload_({parts_.log, servers_, rpc_services_, engine_, parts_.background, parts_.service_manager, parts_.heritage, parts_.inherited,
               control_, holds_, guards_, followers_},
              trial_terms(parts_), {adoption_terms(parts_.line), parts_.line.stay_alive}),
      lookout_(usable_processors() > 1) {}

int Monitor::run() {
  parts_.poller.watch(parts_.signals.fd());
  if (parts_.address_news) parts_.poller.watch(parts_.address_news->fd());
  const Instant begin = instant_now();
  if (parts_.line.check_interval) check_due_ = begin + std::chrono::seconds(*parts_.line.check_interval);
  // Before the first port is open: who sees it open finds the whole daemon there.
  start_engine(begin);
  reload_.begin(begin);
  while (leaving_ != Leaving::done && !reload_.exit_status()) {
    flush_messages(instant_now());
    const auto until = next_deadline(instant_now());
    const auto ready = wait(until);
    const Instant now = instant_now();
    for (const Poller::Ready& one : ready) {
      if (one.fd == parts_.signals.fd()) {
        take_signals(now);
      } else if (parts_.address_news && one.fd == parts_.address_news->fd()) {
        parts_.address_news->take();
        if (!addresses_due_) addresses_due_ = now + kAddressesTime;
      } else if (engine_.is_running() && one.fd == engine_.socket().fd() && one.readable) {
        take_messages(now);
      }
    }
    deadlines_passed(now);
  }
  if (engine_.is_running()) engine_.kill();
  return reload_.exit_status().value_or(0);
}

void Monitor::deadlines_passed(Instant now) {
  servers_.kill_overdue(now);
  wrapping_.kill_overdue(now);
  if (has_passed(reload_.deadline(), now)) reload_.deadline_passed(now);
  if (has_passed(rpc_services_.deadline(), now)) rpc_services_.deadline_passed(now);
  if (has_passed(followers_.deadline(), now)) followers_.deadline_passed(engine_socket(), now);
  if (has_passed(engine_due_, now)) start_engine(now);
  if (has_passed(check_due_, now)) {
    check_due_ = now + std::chrono::seconds(*parts_.line.check_interval);
    check_consistency();
  }
  look_at_addresses(now);
  if (leaving_ != Leaving::no) go_on_leaving(now);
}

void Monitor::look_at_addresses(Instant now) {
  const Generation* generation = reload_.in_force();
  if (generation == nullptr || leaving_ != Leaving::no) return addresses_due_.reset();
  const bool is_due = has_passed(addresses_due_, now);
  if (!is_due && looked_at_ == generation->number) return;
  looked_at_ = generation->number;
  if (is_due) {
    addresses_due_.reset();
    reload_.addresses_changed(now);
  }
  missing_addresses_.look(*generation, parts_.log);
}

// --- signals ---------------------------------------------------------------------------------------

void Monitor::take_signals(Instant now) {
  for (const auto& signal : parts_.signals.take()) on_signal(signal.number, now);
}

void Monitor::on_signal(int number, Instant now) {
  switch (number) {
    case SIGCHLD:
      return reap(now);
    case SIGHUP:
    case SIGUSR2: {
      const auto reopened = parts_.log.reopen();
      if (!reopened) parts_.log.say(Level::error, reopened.error().text());
      if (leaving_ == Leaving::no) reload_.begin(now);
      return;
    }
    case SIGTERM:
      return leave(true, now);
    case SIGQUIT:
      return leave(false, now);
    case SIGINT:
      // Somebody at the terminal; xinetd in the background doesn't heed it either.
      if (parts_.line.foreground) leave(true, now);
      return;
    case SIGUSR1:
      return dump();
    case SIGABRT:
      return check_consistency();
    default:
      return;
  }
}

void Monitor::reap(Instant now) {
  while (const auto reaped = reap_child()) {
    has_reaped_ = true;
    if (reaped->pid == engine_.pid()) {
      lose_engine(*reaped, now);
    } else if (!reload_.reaped(*reaped, now) && !rpc_services_.reaped(*reaped, now) && !followers_.reaped(*reaped, engine_socket(), now)) {
      MessageSocket* const engine = engine_socket();
      if (!wrapping_.reaped(*reaped, engine)) servers_.reaped(*reaped, engine);
    }
  }
}

// --- the engine ------------------------------------------------------------------------------------

void Monitor::start_engine(Instant now) {
  engine_due_.reset();
  const auto started = engine_.start(now);
  if (!started) {
    parts_.log.say(Level::critical, started.error().text());
    engine_due_ = now + std::chrono::milliseconds(100);
    return;
  }
  watches_writable_ = false;
  parts_.poller.watch(engine_.socket().fd());
  reload_.engine_started(now);
}

void Monitor::lose_engine(const Reaped& reaped, Instant now) {
  // What it asked for last is not lost with it: a server may have been requested and the connection be here.
  if (leaving_ == Leaving::no) {
    do take_messages(now);
    while (!engine_.is_killed() && !received_.empty());
  }
  parts_.poller.forget(engine_.socket().fd());
  const Instant next = engine_.ended(now);
  if (leaving_ != Leaving::no) return;
  parts_.log.say(Level::error, fmt::format("the engine {}; starting another", death(reaped.wait_status)));
  engine_due_ = next;
  reload_.engine_ended(now);
  if (!reload_.exit_status() && next <= now) start_engine(now);
}

void Monitor::take_messages(Instant now) {
  received_.clear();
  if (engine_.is_killed()) return parts_.poller.forget(engine_.socket().fd());
  const auto state = engine_.socket().receive(received_);
  for (auto& received : received_) {
    const auto message = decode_engine_message(received.bytes);
    if (!message) {
      parts_.log.say(Level::critical, "the engine sends nonsense (" + message.error().text() + "): it is killed");
      return engine_.kill();
    }
    on_message(*message, std::move(received.descriptor), now);
  }
  // Its end comes as SIGCHLD; until then there is nothing more to be read.
  if (state == MessageSocket::State::gone) parts_.poller.forget(engine_.socket().fd());
}

void Monitor::on_message(const EngineMessage& message, UniqueFd descriptor, Instant now) {
  if (const auto* start = std::get_if<StartMessage>(&message)) {
    const Generation* generation = leaving_ == Leaving::no ? reload_.in_force() : nullptr;
    servers_.start(*start, std::move(descriptor), generation, wrapping_.instead(start->instance), engine_.socket(), now);
  } else if (const auto* ready = std::get_if<ReadyMessage>(&message)) {
    reload_.ready(ready->generation, now);
  } else if (const auto* unfit = std::get_if<UnfitMessage>(&message)) {
    reload_.unfit(unfit->generation, now);
  } else if (const auto* end = std::get_if<EndMessage>(&message)) {
    if (Process* process = servers_.processes().find(end->instance)) servers_.end(*process, now);
  } else if (const auto* resting = std::get_if<RestingMessage>(&message)) {
    set_rest(*resting);
  } else if (const auto* client = std::get_if<ClientMessage>(&message)) {
    servers_.take(*client);
  } else if (const auto* bans = std::get_if<BansMessage>(&message)) {
    guards_.take(*bans);
  } else if (const auto* guard = std::get_if<GuardMessage>(&message)) {
    guards_.take(*guard, reload_.in_force());
  } else if (const auto* read = std::get_if<ReadWrapRulesMessage>(&message)) {
    wrapping_.read(*read, engine_.socket());
  } else if (const auto* wrap = std::get_if<WrapMessage>(&message)) {
    wrapping_.take(*wrap, leaving_ == Leaving::no ? reload_.in_force() : nullptr, engine_.socket(), now);
  } else if (std::holds_alternative<WantKeeperMessage>(message)) {
    followers_.want_keeper(engine_.socket(), now);
  } else if (const auto* held = std::get_if<HoldMessage>(&message)) {
    hold(*held);
  } else if (const auto* looks = std::get_if<LookMessage>(&message)) {
    look(*looks, now);
  } else if (const auto* reload = std::get_if<ReloadMessage>(&message)) {
    if (leaving_ == Leaving::no) reload_.ask(*reload, now);
  }
}

void Monitor::set_rest(const RestingMessage& message) {
  const Generation* generation = reload_.in_force();
  if (generation == nullptr || message.generation != generation->number || message.place >= generation->listeners.size()) return;
  const ListenerRef& listener = generation->listeners[message.place];
  const bool wanted = message.rest != 0;
  if (!listener || listener->resting == wanted || !generation->service_at(message.place).is_stream() || !listener->at.path.empty()) return;
  const auto done = wanted ? rest(listener->fd.get()) : listen_again(listener->fd.get());
  if (done) {
    listener->resting = wanted;
  } else {
    parts_.log.say(Level::error, done.error().text());
  }
}

void Monitor::flush_messages(Instant now) {
  flush_due_.reset();
  if (!engine_.is_running() || (!engine_.socket().has_unsent() && !watches_writable_)) return;
  // Most programs end soon: the news of a start waits a little for the news of its end, and the engine is woken
  // once for both.
  if (!engine_.socket().has_urgent()) {
    if (!lazy_since_) lazy_since_ = now;
    flush_due_ = *lazy_since_ + kLazyTime;
    if (now < *flush_due_) return;
  }
  lazy_since_.reset();
  const auto flushed = engine_.socket().flush();
  if (flushed == MessageSocket::Flush::crowded) flush_due_ = now + kCrowdedTime;
  const bool wanted = flushed == MessageSocket::Flush::full;
  if (wanted != watches_writable_) {
    watches_writable_ = wanted;
    parts_.poller.watch(engine_.socket().fd(), wanted);
  }
  if (engine_.socket().is_overfull()) {
    parts_.log.say(Level::critical, "the engine takes no messages any more: it is killed");
    engine_.kill();
  }
}

// --- what the operator asks for --------------------------------------------------------------------

void Monitor::dump() {
  const Generation* generation = reload_.in_force();
  if (generation == nullptr) return;
  const std::string path = runtime_directory() + "/reeved.dump";
  auto file = open_private_file(path);
  const Instant now = instant_now();
  const RunsOld runs_old = [&](const Process& process, const char* program) {
    return runs_old_program(process.pid, program, wall_now() - (now - process.started));
  };
  if (!file || !write_text(file->get(), state_dump(*generation, servers_.processes(), runs_old, now))) {
    parts_.log.say(Level::error, "cannot dump the state: " + (file ? "write " + path : file.error().text()));
    return;
  }
  parts_.log.say(Level::notice, "dumped state to " + path);
  if (!engine_.is_running()) return;
  std::vector<UniqueFd> descriptors;
  descriptors.push_back(std::move(*file));
  engine_.socket().queue(as_bytes(DumpMessage{}), std::move(descriptors));
}

void Monitor::check_consistency() {
  std::string wrong = servers_.processes().inconsistency();
  servers_.processes().for_each([&](const Process& process) {
    if (!send_signal(process.pid, 0)) wrong = fmt::format("process {} is gone without a trace", process.pid);
  });
  if (wrong.empty()) {
    parts_.log.say(Level::info, "consistency check passed");
  } else {
    parts_.log.say(Level::error, "consistency check failed: " + wrong);
  }
  if (engine_.is_running()) engine_.socket().queue(as_bytes(CheckMessage{}));
}

void Monitor::leave(bool end_servers, Instant now) {
  if (leaving_ != Leaving::no) return;
  parts_.service_manager.stopping();
  control_.close();
  parts_.log.say(Level::notice, end_servers ? "ending, and the servers too" : "ending; servers go on");
  const Generation* generation = reload_.in_force();
  for (std::size_t index = 0; generation != nullptr && index < generation->listeners.size(); ++index) {
    // Who comes now is refused rather than left waiting.
    const ListenerRef& listener = generation->listeners[index];
    if (listener && generation->service_at(index).is_stream() && !generation->service_at(index).wait) {
      (void)rest(listener->fd.get());
    }
  }
  leaving_ = Leaving::servers_end;
  leaving_due_ = now + kServersTime + kReapTime;
  if (end_servers) {
    servers_.end_all(now, kServersTime);
  } else {
    leaving_due_ = now;
  }
  ends_servers_ = end_servers;
  followers_.leave();
  rpc_services_.retract(now);
  go_on_leaving(now);
}

void Monitor::go_on_leaving(Instant now) {
  if (leaving_ == Leaving::servers_end && (servers_.processes().size() == 0 || has_passed(leaving_due_, now))) {
    // Those that were ended before, by a reload, may have a later deadline.
    if (ends_servers_) servers_.kill_all();
    leaving_ = Leaving::engine_ends;
    leaving_due_ = now + kEngineTime;
    if (engine_.is_running()) engine_.socket().queue(as_bytes(LeaveMessage{}));
  }
  if (leaving_ == Leaving::engine_ends && has_passed(leaving_due_, now)) {
    leaving_due_.reset();
    if (engine_.is_running()) engine_.kill();
  }
  const bool engine_has_left = !engine_.is_running() || engine_.is_killed();
  if (leaving_ == Leaving::engine_ends && engine_has_left && rpc_services_.is_idle()) {
    // They write what they have, and take back what they did to the kernel.
    leaving_ = Leaving::followers_end;
    leaving_due_ = now + kFollowersTime;
  }
  if (leaving_ == Leaving::followers_end && has_passed(leaving_due_, now)) {
    parts_.log.say(Level::error, "a follower does not end: it is killed");
    followers_.kill_all();
    leaving_ = Leaving::done;
  }
  if (leaving_ == Leaving::followers_end && followers_.all_ended()) leaving_ = Leaving::done;
}

}  // namespace reeve
