#include "engine/adoption.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "config/bundle.h"
#include "config/log_files.h"
#include "config/parse.h"
#include "config/plan.h"
#include "engine/open_ports.h"
#include "sys/clock.h"
#include "sys/memory.h"
#include "sys/pressure.h"

namespace reeve {

namespace {

ParseOptions options_from(const AdoptMessage& message) {
  ParseOptions options;
  options.running_as_root = message.as_root != 0;
  options.inetd_compat = message.inetd_compat != 0;
  options.own_uid = ::getuid();
  options.own_gid = ::getgid();
  return options;
}

Result<ConfigurationRef> parse_memfd(int fd, const ParseOptions& options) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || status.st_size <= 0) return failure("the bundle did not arrive");
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (mapped == MAP_FAILED) return failure("mmap of the bundle", errno);
  auto bundle = deserialize({static_cast<const char*>(mapped), size});
  ::munmap(mapped, size);
  if (!bundle) return std::unexpected(std::move(bundle).error());
  const auto names = recorded_names(*bundle);
  Parsed parsed = parse(*bundle, *names, options);
  if (parsed.unusable) return failure("the bundle is not usable");
  return parsed.configuration;
}

}  // namespace

void Adoption::say_without_pressure(const Configuration& configuration) {
  if (said_without_pressure_) return;
  const bool is_wanted = std::ranges::any_of(configuration.services, [](const Service& one) { return one.max_pressure != nullptr; });
  if (!is_wanted || pressure_stalls()) return;
  said_without_pressure_ = true;
  parts_.journal.say(Level::warning, wall_now(),
                     "max_pressure has no effect: this kernel does not tell /proc/pressure (CONFIG_PSI, or psi=1 on its command line)");
}

void Adoption::unfit(std::uint32_t generation, const std::string& why) {
  if (pending_) pending_->fit = false;
  parts_.journal.say(Level::critical, wall_now(), "the engine cannot take over the configuration: " + why);
  parts_.monitor.send(UnfitMessage{.generation = generation}, {});
}

void Adoption::begin(const AdoptMessage& message, std::vector<UniqueFd> descriptors) {
  pending_.emplace();
  pending_->generation = message.generation;
  pending_->process_limit = message.process_limit;
  pending_->ident_limit = message.ident_limit;
  if (descriptors.empty()) return unfit(message.generation, "no bundle came with it");
  options_ = options_from(message);
  auto configuration = parse_memfd(descriptors.front().get(), options_);
  if (!configuration) return unfit(message.generation, configuration.error().text());
  if ((*configuration)->services.size() != message.services || (*configuration)->places.size() != message.places)
    return unfit(message.generation, "the bundle has other services here than in the monitor");
  pending_->configuration = std::move(*configuration);
  const std::size_t count = pending_->configuration->places.size();
  pending_->entries.assign(count, {0, kNotListening});
  pending_->listeners.resize(count);
}

void Adoption::take(const ListenersMessage& message, std::vector<UniqueFd> descriptors) {
  if (!pending_ || !pending_->fit || message.generation != pending_->generation) return;
  std::size_t next = 0;
  for (std::uint32_t each = 0; each < message.count; ++each) {
    const ListenersMessage::Entry& entry = message.entries[each];
    if (entry.place >= pending_->entries.size()) return unfit(message.generation, "a listener for a place that is not there");
    pending_->entries[entry.place] = entry;
    if (entry.inherits != kOpenedNow) continue;
    if (next < descriptors.size()) {
      pending_->listeners[entry.place] = std::move(descriptors[next++]);
    } else {
      const Configuration& configuration = *pending_->configuration;
      parts_.journal.say(Level::error, wall_now(),
                         "no free descriptor for the listener of service " +
                             std::string(configuration.services[configuration.places[entry.place].service].id) + ": it is off");
    }
  }
}

void Adoption::take(const LogFilesMessage& message, std::vector<UniqueFd> descriptors) {
  if (!pending_ || !pending_->fit || message.generation != pending_->generation) return;
  std::size_t next = 0;
  for (std::uint32_t each = 0; each < message.count; ++each) {
    const std::size_t index = std::size_t{message.first} + each;
    if (pending_->log_files.size() <= index) pending_->log_files.resize(index + 1);
    if (message.open[each] != 0 && next < descriptors.size()) pending_->log_files[index] = std::move(descriptors[next++]);
  }
}

void Adoption::take(const InheritMessage& message) {
  if (pending_ && pending_->fit) pending_->inherited.push_back(message);
}

void Adoption::take(const HeldMessage& message) {
  if (pending_ && pending_->fit) pending_->held.push_back(message);
}

Result<ConfigurationRef> Adoption::parse(int bundle) const {
  return parse_memfd(bundle, options_);
}

void Adoption::commit(const CommitMessage& message) {
  if (!pending_ || !pending_->fit || message.generation != pending_->generation) return;
  Pending pending = std::move(*pending_);
  pending_.reset();

  parts_.gate.set_process_limit(pending.process_limit);
  parts_.inquiries.set_log_limit(pending.ident_limit);
  parts_.bans.guard(pending.configuration);
  parts_.penalties.set_terms(pending.configuration->defence->penalties);
  parts_.datagrams.guard(*pending.configuration);
  say_without_pressure(*pending.configuration);
  move_posts(pending);
  for (const HeldMessage& held : pending.held) {
    if (held.service < posts_.size()) posts_[held.service]->held = held.how;
  }
  const std::vector<DoorRef> woken = move_doors(pending);
  configuration_ = pending.configuration;
  generation_ = pending.generation;
  open_journal_files(pending);
  parts_.tcpmux.adopt(posts_);
  parts_.bans.followers().serve(open_ports(parts_.doors.all()));

  for (const InheritMessage& inherited : pending.inherited) {
    if (inherited.service >= posts_.size()) continue;
    const PostRef& post = posts_[inherited.service];
    const Prefix source =
        inherited.source.known != 0 ? source_prefix(post->service(), Address(inherited.source.address)) : Prefix::host(Address());
    const DoorRef door = inherited.place < parts_.doors.all().size() ? parts_.doors.all()[inherited.place] : nullptr;
    if (door) door->occupied = true;
    parts_.instances.reserve(inherited.instance);
    parts_.reception.take_over(post, door, inherited, parts_.gate.ledger().adopt(post->account, source, true));
  }
  for (const DoorRef& door : parts_.doors.all()) {
    if (!door->occupied && !door->resting) parts_.doors.open(door);
  }
  parts_.reception.look_again();
  // What parsing needed is not needed again before the next reload.
  give_back_memory();
  parts_.monitor.send(ReadyMessage{.generation = pending.generation}, {});
  for (const DoorRef& door : woken)
    parts_.monitor.send(RestingMessage{.generation = pending.generation, .place = door->place, .rest = 0}, {});
  parts_.holding.follow(posts_);
  parts_.reception.guard_all();
  parts_.name_check.begin(pending.configuration);
}

void Adoption::retire(Door& door) {
  parts_.doors.close(door);
  door.listener.reset();
  door.place = kNoPlace;
  ++door.tenure;
}

void Adoption::move_posts(const Pending& pending) {
  const std::vector<PostRef> old = std::move(posts_);
  const auto& services = pending.configuration->services;
  const auto continues = configuration_ ? continued_services(*configuration_, *pending.configuration)
                                        : std::vector<std::uint32_t>(services.size(), Plan::kNone);
  posts_.clear();
  posts_.reserve(services.size());
  for (std::size_t each = 0; each < services.size(); ++each) {
    // An old service is continued by one new service at most: both sides count equal ids.
    PostRef post = continues[each] < old.size() ? old[continues[each]] : std::make_shared<Post>();
    posts_.push_back(std::move(post));
  }
  for (const PostRef& post : old) post->retired = true;
  for (std::size_t each = 0; each < services.size(); ++each) {
    posts_[each]->retired = false;
    posts_[each]->configuration = pending.configuration;
    posts_[each]->index = static_cast<std::uint32_t>(each);
    posts_[each]->generation = pending.generation;
  }
}

std::vector<DoorRef> Adoption::move_doors(Pending& pending) {
  const std::vector<DoorRef> old = parts_.doors.all();
  const Configuration& wanted = *pending.configuration;
  std::vector<DoorRef> doors, woken;
  doors.reserve(wanted.places.size());
  std::vector<bool> goes_on(old.size(), false);
  for (std::uint32_t place = 0; place < wanted.places.size(); ++place) {
    const std::uint32_t inherits = pending.entries[place].inherits;
    const PostRef& post = posts_[wanted.places[place].service];
    DoorRef door;
    if (inherits < old.size() && !goes_on[inherits]) {
      goes_on[inherits] = true;
      door = old[inherits];
      // Most doors change nothing: they stay open where they are.
      const Service& former = configuration_->services[configuration_->places[inherits].service];
      if (door->post != post || former.kind != post->service().kind || former.wait != post->service().wait) {
        parts_.doors.close(*door);
        if (door->resting) woken.push_back(door);
        door->occupied = door->resting = false;
        door->young_deaths = 0;
        ++door->tenure;
      }
    } else {
      door = std::make_shared<Door>();
      door->listener = std::move(pending.listeners[place]);
      door->guarded = true;  // perhaps: by an engine before this one
    }
    door->post = post;
    door->place = place;
    doors.push_back(std::move(door));
  }
  for (std::size_t each = 0; each < old.size(); ++each) {
    if (goes_on[each]) continue;
    Door& door = *old[each];
    const PostRef post = door.post;
    parts_.doors.close(door);
    UniqueFd listener = std::move(door.listener);
    retire(door);
    if (listener && !post->retired && post->service().is_stream() && !post->service().wait)
      parts_.reception.take_in_last(post, std::move(listener));
  }
  parts_.doors.set_all(std::move(doors));
  return woken;
}

void Adoption::open_journal_files(Pending& pending) {
  const LogFiles table(*pending.configuration);
  std::vector<JournalFile> files(table.targets().size());
  for (std::size_t each = 0; each < files.size(); ++each) {
    const LogTarget& target = *table.targets()[each];
    if (each < pending.log_files.size()) files[each].fd = std::move(pending.log_files[each]);
    files[each].path = std::string(target.path);
    files[each].soft_limit = target.soft_limit;
    files[each].hard_limit = target.hard_limit;
  }
  std::vector<bool> shared(files.size(), false);
  for (const PostRef& post : posts_) {
    const std::uint32_t index = post->log_file = table.index_of(post->service());
    if (index == LogFiles::kNone) continue;
    // Messages about a file name its service, if it has only one.
    if (!files[index].service.empty()) shared[index] = true;
    files[index].service = shared[index] ? std::string() : std::string(post->service().id);
  }
  parts_.journal.set_files(std::move(files));
}

}  // namespace reeve
