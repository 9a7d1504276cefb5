// What commands of the control socket need of the monitor: it remembers which services are held, and looks which servers
// run a program that was replaced.
#include "monitor/monitor.h"
#include "sys/clock.h"
#include "sys/program_age.h"

namespace reeve {

void Monitor::hold(const HoldMessage& message) {
  const Generation* generation = reload_.in_force();
  if (generation == nullptr || message.generation != generation->number || message.service >= generation->configuration->services.size())
    return;
  holds_.set(message.service, message.how);
}

void Monitor::look(const LookMessage& message, Instant now) {
  const Generation* generation = reload_.in_force();
  LookedMessage answer;
  answer.number = message.number;
  for (std::uint32_t each = 0; generation != nullptr && each < message.count; ++each) {
    const Process* process = servers_.processes().find(message.instances[each]);
    if (process == nullptr || process->service == Process::kNoService) continue;
    const Launch* launch = generation->configuration->services[process->service].launch;
    if (launch == nullptr) continue;
    const bool is_old = runs_old_program(process->pid, launch->server.data(), wall_now() - (now - process->started));
    if (is_old) answer.old |= std::uint64_t{1} << each;
  }
  engine_.socket().queue(as_bytes(answer));
}

}  // namespace reeve
