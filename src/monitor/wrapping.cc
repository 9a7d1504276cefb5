#include "monitor/wrapping.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

namespace reeve {
namespace {

constexpr std::chrono::minutes kSayAgain{1};
constexpr Instant kKilled = Instant::max();

std::string address_of(const WireEndpoint& endpoint) {
  return endpoint.known != 0 ? to_text(Address(endpoint.address)) : "unknown";
}

WrapFacts facts_of(const WrapMessage& message, const Service& service) {
  WrapFacts facts;
  facts.daemon = wrap_daemon_name(service);
  facts.client_address = address_of(message.client);
  facts.server_address = address_of(message.server);
  facts.client_name = text_of(message.client_name);
  facts.server_name = text_of(message.server_name);
  facts.client_user = text_of(message.client_user);
  facts.client_port = message.client.port;
  facts.server_port = message.server.port;
  facts.pid = ::getpid();
  return facts;
}

}  // namespace

std::optional<PlainStart> Wrapping::plain_start(const WrapMessage& message, const Generation* generation) const {
  if (generation == nullptr || message.generation != generation->number) return std::nullopt;
  const auto& services = generation->configuration->services;
  if (message.service >= services.size()) return std::nullopt;
  PlainStart plain;
  plain.priority = parts_.heritage.priority;
  plain.may_set_ids = is_root();
  plain.own_uid = ::getuid();
  if (services[message.service].launch != nullptr) {
    plain.program = generation->launches.program(message.service);
  } else {
    const auto& account = parts_.engine_account;
    plain.program = bare_program(parts_.heritage, account.has_value(), account ? account->uid : 0, account ? account->gid : 0);
  }
  return plain;
}

void Wrapping::take(const WrapMessage& message, const Generation* generation, MessageSocket& engine, Instant now) {
  const auto rule = tables_.find(message.rules, message.rule);
  const auto plain = plain_start(message, generation);
  const bool is_start = message.option == kWrapForStart;
  ProgramRef program;
  if (rule && plain) {
    const WrapFacts facts = facts_of(message, generation->configuration->services[message.service]);
    program = is_start ? wrapped_program(*plain, *rule, facts) : wrap_command(*plain, *rule, message.option, facts);
  }
  if (is_start) {
    prepared_.emplace(message.instance, std::move(program));
  } else if (!program || !run(message, std::move(program), now)) {
    engine.queue(as_bytes(CommandEndedMessage{.instance = message.instance}));
  }
}

Servers::Instead Wrapping::instead(InstanceId instance) {
  if (!prepared_ || prepared_->first != instance) return std::nullopt;
  return std::exchange(prepared_, std::nullopt)->second;
}

bool Wrapping::run(const WrapMessage& message, ProgramRef program, Instant now) {
  if (commands_.size() >= kMaxCommands) {
    if (!said_full_ || now - *said_full_ >= kSayAgain) {
      said_full_ = now;
      parts_.log.say(Level::error,
                     std::to_string(kMaxCommands) + " commands of hosts.allow and hosts.deny run already: further ones are left out");
    }
    return false;
  }
  UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing) return false;
  const std::string host = message.client.known != 0 ? to_text(Address(message.client.address)) : std::string();
  const auto pid = parts_.servers.starter().start(std::move(program), std::move(nothing), host, {});
  if (!pid) return false;
  commands_.emplace(*pid, Command{message.instance, now + kCommandTime});
  return true;
}

bool Wrapping::reaped(const Reaped& reaped, MessageSocket* engine) {
  const auto found = commands_.find(reaped.pid);
  if (found == commands_.end()) return false;
  const auto failure = parts_.servers.starter().finish(reaped.pid);
  if (failure) parts_.log.say(Level::error, Error{"cannot run a command of hosts.allow or hosts.deny", failure->sys_errno}.text());
  if (engine != nullptr) {
    engine->queue(
        as_bytes(CommandEndedMessage{.ran = failure ? 0u : 1u, .instance = found->second.instance, .wait_status = reaped.wait_status}));
  }
  commands_.erase(found);
  return true;
}

std::optional<Instant> Wrapping::deadline() const noexcept {
  std::optional<Instant> earliest;
  for (const auto& [pid, command] : commands_) {
    if (command.kill_at != kKilled && (!earliest || command.kill_at < *earliest)) earliest = command.kill_at;
  }
  return earliest;
}

void Wrapping::kill_overdue(Instant now) {
  for (auto& [pid, command] : commands_) {
    if (command.kill_at > now) continue;
    parts_.log.say(Level::error, "a command of hosts.allow or hosts.deny is killed: it took too long");
    send_signal(pid, SIGKILL);
    command.kill_at = kKilled;
  }
}

}  // namespace reeve
