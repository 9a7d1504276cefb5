#include "engine/gate.h"

#include "sys/clock.h"

namespace reeve {

void Gate::refresh(Instant now) {
  if (refreshed_ != Instant{} && now - refreshed_ < std::chrono::seconds(1)) return;
  refreshed_ = now;
  local_ = local_minute(wall_now());
  load_sampled_ = false;
}

Verdict Gate::judge(Post& post, const Address& source, const Prefix& prefix, Instant now, const Identity* identity) {
  const Service& service = post.service();
  if (!service.access_times.empty() || service.max_load > 0) refresh(now);
  if (service.max_load > 0 && !load_sampled_) {
    load_ = load_average();
    load_sampled_ = true;
  }
  // Nobody is known of a wait = yes stream's client, and nothing can be found out.
  static const Identity kNobody{.name = {.state = HostName::State::none}, .user = {.state = RemoteUser::State::unknown}};
  if (source.is_unspecified() || source.is_local()) identity = &kNobody;
  const Facts facts{
      .local = local_,
      .load = load_,
      .banned = bans_.size() != 0 && bans_.is_banned(source, now),
      .rate = service.cps_rate == 0 ? RateState::free : post.account.rate(service, prefix, now),
      .running = post.account.running(),
      .running_from_source = source_limit(service) == kUnlimited ? 0 : post.account.running_from(prefix),
      .processes = ledger_.processes(),
      .process_limit = service.kind == Kind::program ? process_limit_ : kUnlimited,
      .identity = identity,
  };
  return decide(*post.configuration, service, source, facts);
}

Gate::Answer Gate::ask(Post& post, const Address& source, Instant now, const Identity* identity) {
  const Service& service = post.service();
  const Prefix prefix = source_prefix(service, source);
  Answer answer{judge(post, source, prefix, now, identity), {}, {}};
  if (const Refusal* refusal = answer.refusal()) {
    if (refusal->reason == Reason::cps) answer.overload = post.account.note_shed(service, prefix, now);
    return answer;
  }
  if (answer.undecided() != nullptr) return answer;
  ++post.admitted;
  answer.ticket = ledger_.admit(post.account, service, prefix, service.kind == Kind::program, now);
  return answer;
}

Gate::Answer Gate::ask_datagram(Post& post, const Address& source, Instant now, const Identity* identity) {
  const Service& service = post.service();
  // A slot is only taken, and given back at once, where there is a rate to count it against.
  if (service.cps_rate != 0) {
    Answer answer = ask(post, source, now, identity);
    answer.ticket = {};
    return answer;
  }
  Answer answer{judge(post, source, source_prefix(service, source), now, identity), {}, {}};
  if (std::holds_alternative<Admitted>(answer.verdict)) ++post.admitted;
  return answer;
}

Verdict Gate::ask_again(const Post& post, const Address& source, Instant now, const Identity* identity) {
  refresh(now);
  return decide_again(*post.configuration, post.service(), source, local_, identity != nullptr ? &identity->name : nullptr);
}

Verdict Gate::ask_address(const Post& post, const Address& source, Instant now) {
  if (bans_.size() != 0 && bans_.is_banned(source, now)) return Refusal{Reason::ban, {}};
  static const HostName kNameless{.state = HostName::State::none};
  refresh(now);
  return decide_again(*post.configuration, post.service(), source, local_, &kNameless);
}

bool Gate::is_open(const Post& post, Instant now) {
  if (post.service().access_times.empty()) return true;
  refresh(now);
  return reeve::is_open(post.service(), local_);
}

}  // namespace reeve
