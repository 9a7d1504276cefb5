#include "monitor/reload.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <fmt/format.h>

#include "base/check.h"
#include "config/log_files.h"
#include "sys/clock.h"
#include "sys/descriptors.h"
#include "sys/memory.h"
#include "sys/memory_file.h"
#include "sys/names.h"

namespace reeve {

namespace {

constexpr std::chrono::seconds kAnswerTime{10};
// What monitor and engine need besides listeners and log files.
constexpr std::size_t kReservedDescriptors = 16;
constexpr std::size_t kMostDiagnostics = 200;
constexpr unsigned kMostYoungDeaths = 5;

Level level_of(Severity severity) noexcept {
  switch (severity) {
    case Severity::note:
      return Level::notice;
    case Severity::warning:
      return Level::warning;
    case Severity::error:
      return Level::error;
  }
  return Level::error;
}

std::size_t listener_budget(const Configuration& configuration) {
  const std::size_t reserved = kReservedDescriptors + LogFiles(configuration).targets().size();
  const std::size_t free = free_descriptors();
  return free > reserved ? free - reserved : 0;
}

// By old index: the service that goes on with its instances.
std::vector<std::uint32_t> continued_by(const Plan& plan, std::size_t old_services) {
  std::vector<std::uint32_t> by(old_services, Process::kNoService);
  for (std::uint32_t fresh = 0; fresh < plan.continues.size(); ++fresh) {
    if (plan.continues[fresh] < old_services) by[plan.continues[fresh]] = fresh;
  }
  return by;
}

// Is a service bound to an interface by name, or to an address of one (fe80::1%eth0)?
bool follows_interfaces(const Configuration& configuration) {
  const auto names_one = [](Text word) { return !word.starts_with('/') && !word.starts_with('@') && !parse_address(word); };
  return std::ranges::any_of(configuration.services, [&](const Service& service) { return std::ranges::any_of(service.binds, names_one); });
}

// A unix socket that goes on may have got another mode or owner.
void follow_access(Listener& listener, const UnixAccess& wanted, DaemonLog& log) {
  if (listener.file.inode == 0 || listener.at.access == wanted) return;
  const auto changed = change_access(listener.at.path, listener.file, wanted);
  if (!changed) log.say(Level::error, changed.error().text());
  listener.at.access = wanted;
}

const char* plural(std::size_t count) noexcept {
  return count == 1 ? "" : "s";
}

}  // namespace

Reload::Reload(Parts parts, Trial::Terms trial, Terms terms) : parts_(parts), terms_(terms), trial_(std::move(trial)) {}

void Reload::begin(Instant now) {
  if (trial_.is_under_way() || next_ || takeover_awaited_ || !parts_.engine.is_running()) {
    again_ = true;
    return;
  }
  again_ = false;
  if (current_) parts_.service_manager.reloading();
  const auto begun = trial_.begin(now);
  if (!begun) refuse(begun.error().text(), now);
}

bool Reload::reaped(const Reaped& reaped, Instant now) {
  if (!trial_.is_child(reaped.pid)) return false;
  auto loaded = trial_.finish(reaped.wait_status);
  if (loaded) {
    accept(std::move(*loaded), now);
  } else {
    refuse(loaded.error().text(), now);
  }
  return true;
}

void Reload::say_diagnostics(const Loaded& loaded) {
  const auto& all = loaded.parsed.diagnostics;
  const std::size_t said = std::min(all.size(), kMostDiagnostics);
  static constexpr std::array<const char*, 3> kKinds{"note", "warning", "error"};
  for (std::size_t each = 0; each < said; ++each) {
    const std::string text = log_text(all[each], loaded.bundle);
    report_.add(kKinds[static_cast<std::size_t>(all[each].severity)], text);
    parts_.log.say(level_of(all[each].severity), text);
  }
  if (all.size() > said) parts_.log.say(Level::warning, fmt::format("{} more messages about the configuration", all.size() - said));
}

bool Reload::is_acceptable(const Loaded& loaded) {
  const Parsed& parsed = loaded.parsed;
  // The file lost its contents, rather than its services by intention (which leaves `disable = yes`).
  const bool is_lost = current_ && !current_->configuration->services.empty() && !has_service_entry(loaded.bundle);
  if (!current_) return !parsed.unusable;
  return !parsed.unusable && !is_lost && (!parsed.has_errors || parsed.compat_xinetd);
}

void Reload::accept(Loaded loaded, Instant now) {
  if (current_ && (takeover_awaited_ || !parts_.engine.is_running())) {
    // The engine died meanwhile; the new one first has to take over what is in force.
    again_ = true;
    return;
  }
  say_diagnostics(loaded);
  if (!is_acceptable(loaded)) {
    const auto& all = loaded.parsed.diagnostics;
    const auto errors = std::count_if(all.begin(), all.end(), [](const Diagnostic& one) { return one.severity == Severity::error; });
    return refuse(errors == 0 ? fmt::format("no service entry is left [file={}] [line=1]", trial_.path())
                              : fmt::format("{} error{}", errors, plural(static_cast<std::size_t>(errors))),
                  now);
  }
  if (report_.is_awaited() && report_.wanted().what == ReloadAsk::plan) return show_plan(loaded, now);
  if (!current_ && parts_.engine.is_running()) {
    // Nothing to lose yet: the engine parses while listeners are bound here.
    announced_ = last_number_ + 1;
    queue_adopt(parts_.engine.socket(), announced_, *loaded.parsed.configuration, loaded.memory_file, parts_.log, terms_.adoption);
    // What was banned before is to be known before the first visit.
    parts_.followers.follow(loaded.parsed.configuration, loaded.memory_file, parts_.engine.socket(), now);
    (void)parts_.engine.socket().flush();
  }
  const GenerationRef generation = acquire(loaded, current_ != nullptr);
  if (!generation) return refuse("a listener could not be opened", now);
  const std::size_t available = generation->configuration->services.size() - off_;
  if (!current_ && available == 0 && !terms_.stay_alive) return give_up("no services: nothing to do");
  next_ = generation;
  if (parts_.engine.is_running()) offer(next_, current_.get(), now);
}

void Reload::addresses_changed(Instant now) {
  if (!current_ || !follows_interfaces(*current_->configuration)) return;
  addresses_again_ = trial_.is_under_way() || next_ || takeover_awaited_ || !parts_.engine.is_running();
  if (addresses_again_) return;
  const auto bytes = read_memory_file(current_->bundle.get());
  auto bundle = bytes ? deserialize(*bytes) : std::unexpected(bytes.error());
  const auto names = system_names();
  if (!bundle || !refresh_addresses(*bundle, *names)) return;
  Parsed parsed = parse(*bundle, *recorded_names(*bundle), trial_.options());
  auto memory_file = make_memory_file("reeve configuration", serialize(*bundle));
  if (parsed.unusable || !memory_file) return;
  parts_.log.say(Level::notice, "addresses of interfaces changed");
  Loaded loaded{std::move(*bundle), std::move(parsed), std::move(*memory_file)};
  next_ = acquire(loaded, false);
  offer(next_, current_.get(), now);
}

GenerationRef Reload::acquire(Loaded& loaded, bool all_or_nothing) {
  const ConfigurationRef& configuration = loaded.parsed.configuration;
  static const Configuration nothing;
  static const std::vector<ListenerRef> none;
  Plan plan = diff(current_ ? *current_->configuration : nothing, *configuration);
  OpenedListeners opened = open_listeners(*configuration, plan, current_ ? current_->listeners : none, listener_budget(*configuration),
                                          parts_.inherited, parts_.guards);
  for (const auto* failures : {&opened.failures, &opened.still_failing}) {
    for (const std::string& failure : *failures) {
      report_.add("error", failure);
      parts_.log.say(Level::error, failure);
    }
  }
  if (all_or_nothing && !opened.failures.empty()) return nullptr;
  for (const std::string& text : opened.left_out) parts_.log.say(Level::notice, text);
  off_ = static_cast<std::uint32_t>(std::ranges::count_if(configuration->services, [&](const Service& service) {
    const auto first = opened.of_place.begin() + service.first_place;
    return service.place_count > 0 && std::all_of(first, first + service.place_count, [](const ListenerRef& one) { return !one; });
  }));
  return std::make_shared<const Generation>(++last_number_, configuration, std::move(plan), Launches(configuration, parts_.heritage),
                                            std::move(opened.of_place), std::move(loaded.memory_file));
}

void Reload::offer(const GenerationRef& generation, const Generation* former, Instant now) {
  MessageSocket& engine = parts_.engine.socket();
  if (announced_ != generation->number) {
    queue_adopt(engine, generation->number, *generation->configuration, generation->bundle, parts_.log, terms_.adoption);
  }
  announced_ = 0;
  if (former == nullptr) parts_.followers.follow(generation->configuration, generation->bundle, engine, now);
  const auto troubles = queue_adoption(engine, generation, former, parts_.servers.processes(), parts_.holds);
  for (const std::string& trouble : troubles) parts_.log.say(Level::error, trouble);
  takeover_awaited_ = true;
  answer_due_ = now + kAnswerTime;
}

void Reload::ready(std::uint32_t generation, Instant now) {
  if (next_ && generation == next_->number) begin_force(now);
  if (!current_ || generation != current_->number) return;
  takeover_awaited_ = false;
  answer_due_.reset();
  parts_.control.tell(parts_.engine.socket());
  come_to_rest(now);
}

void Reload::begin_force(Instant now) {
  const bool is_first = !current_;
  const std::size_t old_services = is_first ? 0 : current_->configuration->services.size();
  if (report_.is_awaited() && !is_first) report_.add(plan_lines(*current_->configuration, *next_->configuration, next_->plan));
  if (!is_first) expect_confirmation(now);
  current_ = std::move(next_);
  next_.reset();
  parts_.holds.renumber(current_->plan.continues);
  const auto& services = current_->configuration->services;
  ProcessTable& processes = parts_.servers.processes();
  processes.renumber(continued_by(current_->plan, old_services), services.size());
  processes.for_each([&](Process& process) {
    if (process.service == Process::kNoService) parts_.servers.end(process, now);
  });
  for (std::size_t index = 0; index < current_->listeners.size(); ++index) {
    const ListenerRef& listener = current_->listeners[index];
    if (is_first || !listener || current_->plan.inherits[index] == Plan::kNone) continue;
    const ServiceFlags flags = services[current_->configuration->places[index].service].flags;
    set_connection_options(listener->fd.get(), listener->at, {flags.nodelay, flags.keepalive});
    if (const auto kept_out = parts_.guards.put_up(*listener, current_->service_at(index)); !kept_out) {
      // Better nobody than everybody.
      parts_.log.say(Level::critical,
                     fmt::format("service {} stops listening: {}", current_->service_at(index).id, kept_out.error().text()));
      (void)rest(listener->fd.get());
    }
    follow_access(*listener, listen_at(current_->service_at(index), current_->configuration->places[index]).access, parts_.log);
  }
  const auto open =
      std::count_if(current_->listeners.begin(), current_->listeners.end(), [](const ListenerRef& one) { return one != nullptr; });
  parts_.servers.expect_listeners(static_cast<std::size_t>(open));
  parts_.rpc_services.serve(*current_, now);
  parts_.control.follow(current_->configuration->control, wall_now());
  parts_.followers.follow(current_->configuration, current_->bundle, parts_.engine.socket(), now);
  // What parsing needed is not needed again before the next reload.
  give_back_memory();
  const std::size_t available = services.size() - off_;
  if (is_first) {
    for (const std::string& socket : parts_.inherited.close_left())
      parts_.log.say(Level::warning, "the socket at " + socket + ", came from the service manager, but no service wants it: it is closed");
    parts_.log.say(Level::notice, fmt::format("reeved {} started; {} available service{}", REEVE_VERSION, available, plural(available)));
    parts_.background.serves();
  } else {
    const std::string result = "reloaded: " + current_->plan.summary();
    parts_.log.say(Level::notice, result);
    report_.finish(parts_.engine.socket(), true, result, {});
  }
}

void Reload::unfit(std::uint32_t generation, Instant now) {
  // It can't even use what is in force: another engine may.
  if (!next_ || generation != next_->number) return parts_.engine.kill();
  if (!current_) return give_up("the engine can't use the configuration");
  next_.reset();
  takeover_awaited_ = false;
  answer_due_.reset();
  refuse("the engine can't use the configuration", now);
}

void Reload::engine_started(Instant now) {
  parts_.control.engine_started();
  parts_.followers.engine_started();
  if (current_) {
    // Whatever its predecessor had stopped listening on.
    for (const ListenerRef& listener : current_->listeners) {
      if (listener && std::exchange(listener->resting, false)) (void)listen_again(listener->fd.get());
    }
    offer(current_, nullptr, now);
  } else if (next_) {
    offer(next_, nullptr, now);
  } else if (again_) {
    begin(now);
  }
}

void Reload::engine_ended(Instant now) {
  report_.forget();
  announced_ = 0;
  takeover_awaited_ = false;
  answer_due_.reset();
  if (!current_ && parts_.engine.young_deaths() > kMostYoungDeaths) return give_up("the engine does not come up");
  if (!current_ || !next_) return;
  // It may have died of the new configuration; the next engine gets the one that is known to work.
  next_.reset();
  refuse("the engine died of it", now);
}

std::optional<Instant> Reload::deadline() const noexcept {
  std::optional<Instant> earliest;
  for (const auto& due : {trial_.deadline(), answer_due_, revert_due_}) {
    if (due && (!earliest || *due < *earliest)) earliest = due;
  }
  return earliest;
}

void Reload::deadline_passed(Instant now) {
  if (trial_.deadline() && *trial_.deadline() <= now) trial_.kill();
  if (answer_due_ && *answer_due_ <= now) {
    parts_.log.say(Level::error, "the engine does not answer");
    answer_due_.reset();
    parts_.engine.kill();
  }
  if (revert_due_ && *revert_due_ <= now) revert(now);
}

void Reload::refuse(const std::string& why, Instant now) {
  if (!current_) return give_up(why);
  const std::string result = fmt::format("reload refused: {}; the running configuration goes on", why);
  parts_.log.say(Level::error, result);
  if (parts_.engine.is_running()) report_.finish(parts_.engine.socket(), false, result, {});
  come_to_rest(now);
}

void Reload::come_to_rest(Instant now) {
  parts_.service_manager.ready(fmt::format("{} services", current_->configuration->services.size()));
  if (again_) return begin(now);
  if (addresses_again_) addresses_changed(now);
}

void Reload::give_up(const std::string& why) {
  const std::string text = fmt::format("reeved can't start: {}", why);
  parts_.log.say(Level::critical, text);
  parts_.background.failed(text, 1);
  exit_status_ = 1;
}

}  // namespace reeve
