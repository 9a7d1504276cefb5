// The half of Reception for visits that only a name or a user can decide: what has to be known is found out first, then
// the gate is asked again. Nobody but the visitor waits for it.
#include "engine/reception.h"
#include "sys/clock.h"

namespace reeve {

namespace {

// Between looks whether the monitor can take more starts.
constexpr std::chrono::milliseconds kBusyPause{10};

}  // namespace

Task<Gate::Answer> Reception::find_verdict(PostRef post, Arrival& arrival, Gate::Answer answer) {
  const Address source = arrival.source.address;
  const auto place = parts_.inquiries.enter(source);
  if (!place) {
    answer.verdict = Refusal{Reason::inquiries, post->service().where};
    co_return std::move(answer);
  }
  if (!arrival.identity) arrival.identity = std::make_unique<Identity>();
  while (!post->retired && answer.undecided() != nullptr) {
    const Undecided::Need need = answer.undecided()->need;
    const int connection = arrival.connection.get();
    co_await parts_.inquiries.find_out(need, source, connection, *arrival.identity);
    if (!post->retired) answer = parts_.gate.ask(*post, source, instant_now(), arrival.identity.get());
  }
  co_return std::move(answer);
}

Task<> Reception::serve_undecided(PostRef post, Arrival arrival, Gate::Answer answer) {
  answer = co_await find_verdict(post, arrival, std::move(answer));
  if (post->retired) co_return;
  if (answer.refusal() != nullptr && !turn_away(post, arrival, answer)) co_return;
  while (post->service().kind == Kind::program && under_way_ >= most_under_way_) {
    const Instant later = instant_now() + kBusyPause;
    co_await parts_.loop.sleep_until(later);
  }
  co_await serve(std::move(post), std::move(arrival), std::move(answer));
}

// wait = yes, datagrams: the first one in the queue decides whether the server is started.
Task<> Reception::occupy_undecided(DoorRef door, QueueHead head) {
  const PostRef post = door->post;
  const std::uint32_t tenure = door->tenure;
  const Address source = head.source.address;
  Identity identity;
  identity.name = co_await parts_.inquiries.name_of(source);
  if (door->tenure != tenure) co_return;
  Gate::Answer answer = parts_.gate.ask(*post, source, instant_now(), &identity);
  if (std::holds_alternative<Admitted>(answer.verdict)) {
    co_await occupy(door, head, std::move(answer));
    co_return;
  }
  if (const Refusal* refusal = answer.refusal()) {
    parts_.recorder.refused(*post, head.source, *refusal, 0);
    if (answer.overload) shed(post, source, *answer.overload);
  }
  drop_datagram(door->listener.get());
  leave_door(door, tenure);
}

// After a reload: may instances stay, whose clients' names were not needed before? One source after the other; nobody
// waits for it, and a look-up that fails ends nobody.
Task<> Reception::look_closer(std::vector<Address> sources) {
  const std::uint32_t turn = look_again_turn_;
  for (std::size_t each = 0; each < sources.size(); ++each) {
    const Address source = sources[each];
    const HostName name = co_await parts_.inquiries.name_of(source);
    if (turn != look_again_turn_) co_return;
    if (name.state == HostName::State::failed) continue;
    parts_.instances.for_each([&](Instance& instance) {
      if (!instance.source || instance.source->address != source || instance.post->retired) return;
      if (!instance.identity) instance.identity = std::make_unique<Identity>();
      instance.identity->name = name;
      const Verdict verdict = parts_.gate.ask_again(*instance.post, source, instant_now(), instance.identity.get());
      if (std::holds_alternative<Refusal>(verdict)) end(instance);
    });
  }
}

Task<> Reception::log_user(PostRef post, Arrival& arrival) {
  if (arrival.identity && arrival.identity->user.state != RemoteUser::State::unasked) {
    const bool known = arrival.identity->user.state == RemoteUser::State::known;
    if (known) parts_.recorder.identified(*post, arrival.source, arrival.identity->user);
    co_return;
  }
  const auto question = ident_question(arrival.connection.get());
  if (!question) co_return;
  const auto in_time = std::make_shared<RemoteUser>();
  Inquiries::Told told = [this, post, source = arrival.source, in_time](const RemoteUser& user) {
    *in_time = user;
    if (user.state == RemoteUser::State::known) parts_.recorder.identified(*post, source, user);
  };
  const Instant patience = instant_now() + Inquiries::kHeadStart;
  co_await parts_.inquiries.user_for_log(*question, patience, std::move(told));
  if (in_time->state == RemoteUser::State::unasked) co_return;
  if (!arrival.identity) arrival.identity = std::make_unique<Identity>();
  arrival.identity->user = *in_time;
}

Task<> Reception::find_name(Arrival& arrival) {
  const Address source = arrival.source.address;
  if (source.is_local() || (arrival.identity && arrival.identity->name.state != HostName::State::unasked)) co_return;
  const auto place = parts_.inquiries.enter(source);
  if (!place) co_return;  // then it is not known
  HostName name = co_await parts_.inquiries.name_of(source);
  if (!arrival.identity) arrival.identity = std::make_unique<Identity>();
  arrival.identity->name = std::move(name);
}

void Reception::tell_client(const Instance& instance) {
  ClientMessage message;
  message.instance = instance.id;
  const Identity& identity = *instance.identity;
  if (identity.name.state == HostName::State::confirmed) put_text(message.name, identity.name.name);
  if (identity.user.state == RemoteUser::State::known) put_text(message.user, identity.user.user);
  parts_.monitor.send(message, {});
}

}  // namespace reeve
