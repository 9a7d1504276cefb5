// The half of Reception for hosts.allow and hosts.deny: visits that a rule speaks of.
#include "engine/reception.h"
#include "sys/clock.h"

namespace reeve {

Task<WrapPass> Reception::pass_wrappers(PostRef post, Arrival& arrival) {
  // Who touches a sensor is to be remembered, whatever the rules say.
  if (post->service().kind == Kind::sensor) co_return WrapPass();
  const bool has_no_user = arrival.identity && arrival.identity->user.state == RemoteUser::State::unknown;
  Wrappers::Visit visit{post, arrival.source, arrival.connection.get(), arrival.destination, has_no_user};
  WrapPass pass = co_await parts_.wrappers.pass(std::move(visit));
  if (pass.admitted) arrival.wrap = std::move(pass.start);
  co_return std::move(pass);
}

void Reception::announce_rule(Instance& instance, const StartMessage& start) {
  WrapMessage& rule = *instance.wrap;
  rule.generation = start.generation;
  rule.service = start.service;
  rule.instance = start.instance;
  parts_.monitor.send(rule, {});
}

// Who was refused with a banner is to read it.
Task<> Reception::part_gently(Arrival arrival) {
  constexpr std::chrono::seconds kPartingDeadline{2};
  if (!arrival.connection || farewells_ >= kMaxFarewells) co_return;
  ++farewells_;
  const Instant end_of_farewell = instant_now() + kPartingDeadline;
  co_await close_gently(parts_.loop, std::move(arrival.connection), end_of_farewell);
  --farewells_;
}

// wait = yes: the server is not started for a client who may not come in. A stream's client is not known yet: rules that
// speak of everybody count.
Task<bool> Reception::may_occupy(DoorRef door, std::optional<QueueHead> head, Instance& instance) {
  const PostRef post = door->post;
  const std::uint32_t tenure = door->tenure;
  const std::optional<Endpoint> source = head ? std::optional(head->source) : std::nullopt;
  Wrappers::Visit visit{post, source, -1, std::nullopt};
  WrapPass pass = co_await parts_.wrappers.pass(std::move(visit));
  if (door->tenure != tenure || !door->listener) co_return false;
  if (pass.admitted) {
    instance.wrap = std::move(pass.start);
    co_return true;
  }
  // Whoever is refused must not stand at the door for ever.
  if (head) {
    drop_datagram(door->listener.get());
  } else {
    (void)accept_from(door->listener.get());
  }
  co_return false;
}

}  // namespace reeve
