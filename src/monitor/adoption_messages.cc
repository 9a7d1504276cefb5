#include "monitor/adoption_messages.h"

#include <fcntl.h>

#include <unordered_map>
#include <utility>

#include "config/log_files.h"
#include "sys/output_files.h"

namespace reeve {

namespace {

Result<UniqueFd> log_descriptor(const DaemonLog& log) {
  // A copy: the log may be opened again before this is sent.
  if (log.fd() >= 0) {
    UniqueFd copy(::fcntl(log.fd(), F_DUPFD_CLOEXEC, 3));
    if (copy) return copy;
  }
  return open_log_file("/dev/null");
}

void queue_listeners(MessageSocket& socket, const GenerationRef& generation, const Generation* former) {
  ListenersMessage message;
  std::vector<int> descriptors;
  const auto send = [&] {
    if (message.count == 0) return;
    message.generation = generation->number;
    socket.queue(as_bytes(message), std::exchange(descriptors, std::vector<int>()), generation);
    message = {};
  };
  const Plan& plan = generation->plan;
  for (std::uint32_t index = 0; index < generation->listeners.size(); ++index) {
    ListenersMessage::Entry& entry = message.entries[message.count];
    entry.place = index;
    const ListenerRef& listener = generation->listeners[index];
    const bool is_known = former != nullptr && plan.inherits[index] != Plan::kNone && former->listeners[plan.inherits[index]] == listener;
    if (!listener) {
      entry.inherits = kNotListening;
    } else if (is_known) {
      entry.inherits = plan.inherits[index];
    } else {
      descriptors.push_back(listener->fd.get());
    }
    if (++message.count == kMaxListenersPerMessage) send();
  }
  send();
}

std::vector<std::string> queue_log_files(MessageSocket& socket, const Generation& generation) {
  std::vector<std::string> troubles;
  const LogFiles files(*generation.configuration);
  LogFilesMessage message;
  std::vector<UniqueFd> descriptors;
  const auto send = [&](std::size_t next) {
    if (message.count == 0) return;
    message.generation = generation.number;
    socket.queue(as_bytes(message), std::exchange(descriptors, std::vector<UniqueFd>()));
    message = {};
    message.first = static_cast<std::uint32_t>(next);
  };
  for (std::size_t index = 0; index < files.targets().size(); ++index) {
    auto file = open_log_file(std::string(files.targets()[index]->path));
    if (file) {
      message.open[message.count] = 1;
      descriptors.push_back(std::move(*file));
    } else {
      troubles.push_back("log file: " + file.error().text());
    }
    if (++message.count == kMaxLogFilesPerMessage) send(index + 1);
  }
  send(files.targets().size());
  return troubles;
}

void queue_inheritance(MessageSocket& socket, const Generation& generation, ProcessTable& processes) {
  std::unordered_map<const Listener*, std::uint32_t> lent;
  for (std::uint32_t place = 0; place < generation.listeners.size(); ++place) {
    const Listener* listener = generation.listeners[place].get();
    if (listener != nullptr && listener->lent) lent.emplace(listener, place);
  }
  processes.for_each([&](Process& process) {
    process.engine_knows = process.service != Process::kNoService;
    if (!process.engine_knows) return;
    InheritMessage message;
    message.service = process.service;
    message.instance = process.id;
    message.started_ns = process.started.time_since_epoch().count();
    message.pid = process.pid;
    if (const auto held = lent.find(process.lent.get()); held != lent.end()) message.place = held->second;
    message.source = process.source;
    socket.queue(as_bytes(message));
  });
}

void queue_holds(MessageSocket& socket, const Holds& holds) {
  for (std::uint32_t service = 0; service < holds.of_service().size(); ++service) {
    const Held how = holds.of_service()[service];
    if (how != Held::no) socket.queue(as_bytes(HeldMessage{.service = service, .how = how}));
  }
}

}  // namespace

void queue_adopt(MessageSocket& socket, std::uint32_t number, const Configuration& configuration, const UniqueFd& bundle,
                 const DaemonLog& log, const AdoptionTerms& terms) {
  const DaemonLogTarget target = log.duplicate_target();
  AdoptMessage adopt;
  adopt.generation = number;
  adopt.services = static_cast<std::uint32_t>(configuration.services.size());
  adopt.places = static_cast<std::uint32_t>(configuration.places.size());
  adopt.daemon_pid = terms.daemon_pid;
  adopt.process_limit = terms.process_limit;
  adopt.ident_limit = terms.ident_limit;
  adopt.log_kind = static_cast<std::uint8_t>(target.kind);
  adopt.log_facility = target.facility;
  adopt.log_least = static_cast<std::uint8_t>(target.least);
  adopt.as_root = terms.as_root ? 1 : 0;
  adopt.inetd_compat = terms.inetd_compat ? 1 : 0;
  std::vector<UniqueFd> descriptors;
  descriptors.emplace_back(::fcntl(bundle.get(), F_DUPFD_CLOEXEC, 3));
  auto log_file = log_descriptor(log);
  if (log_file) descriptors.push_back(std::move(*log_file));
  socket.queue(as_bytes(adopt), std::move(descriptors));
}

std::vector<std::string> queue_adoption(MessageSocket& socket, const GenerationRef& generation, const Generation* former,
                                        ProcessTable& processes, const Holds& holds) {
  queue_listeners(socket, generation, former);
  std::vector<std::string> troubles = queue_log_files(socket, *generation);
  if (former == nullptr) {
    queue_inheritance(socket, *generation, processes);
    queue_holds(socket, holds);
  }
  socket.queue(as_bytes(CommitMessage{.generation = generation->number}));
  return troubles;
}

}  // namespace reeve
