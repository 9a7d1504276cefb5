#include "engine/gate.h"

#include "sys/clock.h"
#include "sys/pressure.h"
#include "sys/random_bytes.h"

namespace reeve {

Gate::Gate() : admission_(BanTable::kDefaultCapacity, random_seed()) {}

void Gate::refresh(Instant now) {
  if (refreshed_ != Instant{} && now - refreshed_ < std::chrono::seconds(1)) return;
  refreshed_ = now;
  local_ = local_minute(wall_now());
  load_sampled_ = pressure_sampled_ = false;
}

Admission::Visit Gate::visit_of(const Post& post, const Address& source, Instant now, const Identity* identity) {
  const Service& service = post.service();
  if (!service.access_times.empty() || service.max_load > 0 || service.max_pressure != nullptr) refresh(now);
  if (service.max_load > 0 && !load_sampled_) {
    load_ = load_average();
    load_sampled_ = true;
  }
  if (service.max_pressure != nullptr && !pressure_sampled_) {
    const PressureStalls stalls = pressure_stalls().value_or(PressureStalls{});
    pressure_ = {.cpu = stalls.cpu, .memory = stalls.memory, .io = stalls.io};
    pressure_sampled_ = true;
  }
  return {.configuration = *post.configuration,
          .service = service,
          .source = source,
          .now = now,
          .local = local_,
          .load = load_,
          .pressure = pressure_,
          .identity = identity,
          .stopped = post.held != Held::no};
}

Gate::Answer Gate::ask(Post& post, const Address& source, Instant now, const Identity* identity) {
  Answer answer = admission_.ask(post.account, visit_of(post, source, now, identity));
  if (answer.ticket) ++post.admitted;
  return answer;
}

Gate::Answer Gate::ask_datagram(Post& post, const Address& source, Instant now, const Identity* identity) {
  Answer answer = admission_.ask_datagram(post.account, visit_of(post, source, now, identity));
  if (std::holds_alternative<Admitted>(answer.verdict)) ++post.admitted;
  return answer;
}

Verdict Gate::ask_again(const Post& post, const Address& source, Instant now, const Identity* identity) {
  refresh(now);
  return decide_again(*post.configuration, post.service(), source, local_, identity != nullptr ? &identity->name : nullptr);
}

Verdict Gate::ask_address(const Post& post, const Address& source, Instant now) {
  return admission_.ask_address(visit_of(post, source, now, nullptr));
}

Facts Gate::facts(Post& post, const Address& source, Instant now) {
  return admission_.facts(post.account, visit_of(post, source, now, nullptr));
}

bool Gate::is_open(const Post& post, Instant now) {
  if (post.service().access_times.empty()) return true;
  refresh(now);
  return reeve::is_open(post.service(), local_);
}

}  // namespace reeve
