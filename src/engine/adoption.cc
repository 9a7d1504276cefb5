#include "engine/adoption.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "config/bundle.h"
#include "config/log_files.h"
#include "config/parse.h"
#include "sys/clock.h"
#include "sys/memory.h"

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

Result<ConfigurationRef> parse_memfd(int fd, const AdoptMessage& message) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || status.st_size <= 0) return failure("the bundle did not arrive");
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (mapped == MAP_FAILED) return failure("mmap of the bundle", errno);
  auto bundle = deserialize({static_cast<const char*>(mapped), size});
  ::munmap(mapped, size);
  if (!bundle) return std::unexpected(std::move(bundle).error());
  const auto names = recorded_names(*bundle);
  Parsed parsed = parse(*bundle, *names, options_from(message));
  if (parsed.unusable) return failure("the bundle is not usable");
  if (parsed.configuration->services.size() != message.services) return failure("the bundle has other services here than in the monitor");
  return parsed.configuration;
}

}  // namespace

void Adoption::unfit(std::uint32_t generation, const std::string& why) {
  if (pending_) pending_->fit = false;
  parts_.journal.say(Level::critical, wall_now(), "the engine cannot take over the configuration: " + why);
  parts_.monitor.send(UnfitMessage{.generation = generation}, {});
}

void Adoption::begin(const AdoptMessage& message, std::vector<UniqueFd> descriptors) {
  pending_.emplace();
  pending_->generation = message.generation;
  pending_->process_limit = message.process_limit;
  if (descriptors.empty()) return unfit(message.generation, "no bundle came with it");
  auto configuration = parse_memfd(descriptors.front().get(), message);
  if (!configuration) return unfit(message.generation, configuration.error().text());
  pending_->configuration = std::move(*configuration);
  const std::size_t count = pending_->configuration->services.size();
  pending_->entries.assign(count, {0, kNotListening, kOpenedNow});
  pending_->listeners.resize(count);
}

void Adoption::take(const ListenersMessage& message, std::vector<UniqueFd> descriptors) {
  if (!pending_ || !pending_->fit || message.generation != pending_->generation) return;
  std::size_t next = 0;
  for (std::uint32_t each = 0; each < message.count; ++each) {
    const ListenersMessage::Entry& entry = message.entries[each];
    if (entry.service >= pending_->entries.size()) return unfit(message.generation, "a listener for a service that is not there");
    pending_->entries[entry.service] = entry;
    if (entry.inherits != kOpenedNow) continue;
    if (next < descriptors.size()) {
      pending_->listeners[entry.service] = std::move(descriptors[next++]);
    } else {
      parts_.journal.say(Level::error, wall_now(),
                         "no free descriptor for the listener of service " +
                             std::string(pending_->configuration->services[entry.service].id) + ": it is off");
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

void Adoption::commit(const CommitMessage& message) {
  if (!pending_ || !pending_->fit || message.generation != pending_->generation) return;
  Pending pending = std::move(*pending_);
  pending_.reset();

  parts_.gate.set_process_limit(pending.process_limit);
  parts_.sensors.guard(*pending.configuration);
  parts_.datagrams.guard(*pending.configuration);
  move_posts(pending);
  open_journal_files(pending);
  parts_.tcpmux.adopt(posts_);

  for (const InheritMessage& inherited : pending.inherited) {
    if (inherited.service >= posts_.size()) continue;
    const PostRef& post = posts_[inherited.service];
    const Prefix source =
        inherited.source.known != 0 ? source_prefix(post->service(), Address(inherited.source.address)) : Prefix::host(Address());
    if (inherited.holds_listener != 0) post->occupied = true;
    parts_.instances.reserve(inherited.instance);
    parts_.reception.take_over(post, inherited, parts_.gate.ledger().adopt(post->account, source, true));
  }
  for (const PostRef& post : posts_) {
    if (!post->occupied && !post->resting) parts_.doors.open(post);
  }
  parts_.reception.look_again();
  // What parsing needed is not needed again before the next reload.
  give_back_memory();
  parts_.monitor.send(ReadyMessage{.generation = pending.generation}, {});
}

void Adoption::retire(Post& post) {
  parts_.doors.close(post);
  post.listener.reset();
  post.retired = true;
  ++post.tenure;
}

void Adoption::move_posts(Pending& pending) {
  std::vector<PostRef> old = std::move(posts_);
  const std::size_t count = pending.configuration->services.size();

  // Listeners first leave the posts that had them: two services may have changed places.
  std::vector<UniqueFd> listeners = std::move(pending.listeners);
  std::vector<bool> stays(count, false);
  for (std::size_t each = 0; each < count; ++each) {
    const ListenersMessage::Entry& entry = pending.entries[each];
    if (entry.inherits >= old.size()) continue;
    Post& from = *old[entry.inherits];
    const Service& wanted = pending.configuration->services[each];
    // Most services change nothing: their door stays open where it is.
    stays[each] = entry.continues == entry.inherits && from.service().kind == wanted.kind && from.service().wait == wanted.wait;
    if (stays[each]) continue;
    parts_.doors.close(from);
    listeners[each] = std::move(from.listener);
  }

  posts_.reserve(count);
  std::vector<bool> continued(old.size(), false);
  for (std::size_t each = 0; each < count; ++each) {
    const ListenersMessage::Entry& entry = pending.entries[each];
    PostRef post;
    UniqueFd former;
    if (entry.continues < old.size() && !continued[entry.continues]) {
      continued[entry.continues] = true;
      post = old[entry.continues];
    } else {
      post = std::make_shared<Post>();
    }
    if (!stays[each]) {
      parts_.doors.close(*post);
      former = std::move(post->listener);
      post->listener = std::move(listeners[each]);
      post->occupied = post->resting = false;
      post->young_deaths = 0;
      ++post->tenure;
    }
    post->configuration = pending.configuration;
    post->index = static_cast<std::uint32_t>(each);
    post->generation = pending.generation;
    if (former && post->service().is_stream() && !post->service().wait) parts_.reception.take_in_last(post, std::move(former));
    posts_.push_back(std::move(post));
  }
  for (std::size_t each = 0; each < old.size(); ++each) {
    if (!continued[each]) retire(*old[each]);
  }
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
