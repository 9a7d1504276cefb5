#include "monitor/servers.h"

#include <fcntl.h>
#include <signal.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "monitor/visit_environment.h"
#include "sys/listeners.h"

namespace reeve {

namespace {

// What the server is given: the connection, or a copy of the listener where a child can see it.
Result<UniqueFd> lend(Listener& listener) {
  UniqueFd copy(::fcntl(listener.fd.get(), F_DUPFD_CLOEXEC, 3));
  if (!copy) return failure("lend a listener", errno);
  set_blocking(listener.fd.get(), true);
  listener.lent = true;
  return copy;
}

void take_back(Listener& listener) noexcept {
  set_blocking(listener.fd.get(), false);
  listener.lent = false;
}

// For the few services that want more than REMOTE_HOST.
std::string more_variables(const Service& service, const StartMessage& wanted, int connection, const KnownClient& client) {
  if (wanted.has_connection == 0 || wanted.source.known == 0 || (!service.flags.ucspi && !service.flags.remote_addr)) return {};
  const std::vector<Endpoint> local = bound_endpoints(connection);
  return visit_environment(service.flags, {Address(wanted.source.address), wanted.source.port},
                           local.empty() ? std::nullopt : std::optional(local.front()), client);
}

std::string remote_host(const StartMessage& wanted) {
  return wanted.source.known != 0 ? to_text(Address(wanted.source.address)) : std::string();
}

}  // namespace

std::optional<Servers::Refusal> Servers::check(const StartMessage& wanted, const UniqueFd& connection, const Generation* generation,
                                               const Instead& instead) {
  constexpr Refusal refused{StartStage::refused};
  if (generation == nullptr || wanted.generation != generation->number) return refused;
  if (wanted.service >= generation->configuration->services.size()) return refused;
  const Service& service = generation->configuration->services[wanted.service];
  if (instead ? *instead == nullptr : service.kind != Kind::program || service.launch == nullptr) return refused;
  if (service.wait == (wanted.has_connection != 0)) return refused;
  if (processes_.find(wanted.instance) != nullptr) return refused;
  // Descriptors were short when it was received.
  if (wanted.has_connection != 0 && !connection) return Refusal{StartStage::receive, EMFILE};
  if (!service.wait) return processes_.running(wanted.service) < service.instances ? std::nullopt : std::optional(refused);
  // One server at a listener; an earlier one may still run at another, which the service had before a reload.
  if (wanted.place >= generation->listeners.size() || generation->configuration->places[wanted.place].service != wanted.service)
    return refused;
  const ListenerRef& listener = generation->listeners[wanted.place];
  return listener && !listener->lent ? std::nullopt : std::optional(refused);
}

Result<std::string> Servers::security_context(const Service& service, int connection, const Program& program) {
  if (!service.flags.labeled) return std::string();
  auto context = labels_.context_for(connection, program.path);
  if (!context) log_.say(Level::error, "service " + std::string(service.id) + ": LABELED: " + context.error().text());
  return context;
}

void Servers::start(const StartMessage& wanted, UniqueFd connection, const Generation* generation, const Instead& instead,
                    MessageSocket& engine, Instant now) {
  const auto refuse = [&](StartStage stage, int sys_errno) {
    engine.queue(as_bytes(StartFailedMessage{.stage = stage, .instance = wanted.instance, .sys_errno = sys_errno}));
  };
  const auto refusal = check(wanted, connection, generation, instead);
  if (refusal) return refuse(refusal->stage, refusal->sys_errno);

  ListenerRef lent;
  if (wanted.has_connection == 0) {
    lent = generation->listeners[wanted.place];
    auto copy = lend(*lent);
    if (!copy) return refuse(StartStage::receive, copy.error().sys_errno);
    connection = std::move(*copy);
  }
  KnownClient client;
  if (client_ && client_->instance == wanted.instance) client = {text_of(client_->name), text_of(client_->user)};
  std::string more = more_variables(generation->configuration->services[wanted.service], wanted, connection.get(), client);
  ProgramRef program = instead ? *instead : generation->launches.program(wanted.service);
  // Nobody is served in a context other than his.
  auto context = security_context(generation->configuration->services[wanted.service], connection.get(), *program);
  if (!context) return refuse(StartStage::setup, context.error().sys_errno);
  auto pid = starter_.start(std::move(program), std::move(connection), remote_host(wanted), std::move(more), std::move(*context));
  if (!pid) {
    StartFailure& failed = pid.error();
    if (lent) {
      take_back(*lent);
      return refuse(failed.stage, failed.sys_errno);
    }
    // The client goes back to the engine, which may try again.
    std::vector<UniqueFd> back;
    back.push_back(std::move(failed.connection));
    return engine.queue(as_bytes(StartFailedMessage{.stage = failed.stage, .instance = wanted.instance, .sys_errno = failed.sys_errno}),
                        std::move(back));
  }
  processes_.add({.id = wanted.instance, .pid = *pid, .service = wanted.service, .started = now, .source = wanted.source, .lent = lent},
                 generation->configuration->services.size());
  engine.queue_lazily(as_bytes(StartedMessage{.pid = *pid, .instance = wanted.instance}));
}

bool Servers::reaped(const Reaped& reaped, MessageSocket* engine) {
  const std::optional<StartFailure> failure = starter_.finish(reaped.pid);
  const std::optional<Process> process = processes_.take(reaped.pid);
  if (!process) return false;
  if (process->lent) take_back(*process->lent);
  if (engine == nullptr || !process->engine_knows) return true;
  ExitedMessage exited;
  exited.wait_status = reaped.wait_status;
  exited.instance = process->id;
  exited.cpu_us = reaped.cpu_us;
  exited.max_rss_kb = reaped.max_rss_kb;
  if (failure) {
    exited.exec_errno = failure->sys_errno;
    exited.failed_stage = failure->stage;
  }
  engine->queue(as_bytes(exited));
  return true;
}

void Servers::end(Process& process, Instant now, std::chrono::seconds grace) {
  if (process.kill_at) return;
  send_signal(process.pid, SIGTERM);
  processes_.set_deadline(process, now + grace);
}

void Servers::end_all(Instant now, std::chrono::seconds grace) {
  processes_.for_each([&](Process& process) { end(process, now, grace); });
}

void Servers::kill_overdue(Instant now) {
  for (const pid_t pid : processes_.take_overdue(now)) send_signal(pid, SIGKILL);
}

void Servers::kill_all() {
  processes_.for_each([](Process& process) { send_signal(process.pid, SIGKILL); });
}

}  // namespace reeve
