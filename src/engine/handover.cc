// The half of Reception for wait = yes services: the listener itself is handed to the server, and watched again when
// the server has exited.
#include <poll.h>

#include <algorithm>
#include <array>

#include "engine/reception.h"
#include "sys/clock.h"

namespace reeve {

namespace {

bool is_readable(int fd) noexcept {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, 0) > 0;
}

}  // namespace

void Reception::hand_over(const DoorRef& door) {
  const PostRef post = door->post;
  const int listener = door->listener.get();
  const Instant now = instant_now();
  std::optional<QueueHead> head;
  Endpoint source;  // a stream's client is not known before its server accepts it
  if (!post->service().is_stream()) {
    head = peek_datagram(listener);
    if (!head) return;
    source = head->source;
  }
  Gate::Answer answer = parts_.gate.ask(*post, source.address, now, nullptr);
  if (answer.undecided() != nullptr) {
    // The server takes datagrams in the order of the queue, so those behind wait for this one's name, too.
    parts_.doors.close(*door);
    door->occupied = true;
    parts_.loop.start(occupy_undecided(door, *head));
    return;
  }
  if (const Refusal* refusal = answer.refusal()) {
    parts_.recorder.refused(*post, head ? std::optional(source) : std::nullopt, *refusal, 0);
    if (answer.overload) shed(post, source.address, *answer.overload);
    // Whoever is refused must not stand at the door for ever.
    if (head) {
      drop_datagram(listener);
    } else {
      (void)accept_from(listener);
    }
    return;
  }
  parts_.doors.close(*door);
  door->occupied = true;
  parts_.loop.start(occupy(door, head, std::move(answer)));
}

Task<> Reception::occupy(DoorRef door, std::optional<QueueHead> head, Gate::Answer answer) {
  // A server that dies at once and leaves its visitor at the door is not started again and again.
  static constexpr std::array<std::chrono::milliseconds, 5> kYoungDeathPauses{
      std::chrono::milliseconds(500), std::chrono::seconds(1), std::chrono::seconds(2), std::chrono::seconds(4), std::chrono::seconds(5)};
  static constexpr std::chrono::seconds kYoung{1};
  static constexpr std::uint8_t kPatience = 3;
  const PostRef post = door->post;
  const std::uint32_t tenure = door->tenure;
  const ConfigurationRef configuration = post->configuration;
  const std::uint32_t index = post->index;
  bool started = false, failed = true, young = true;
  {
    const std::optional<Endpoint> source = head ? std::optional(head->source) : std::nullopt;
    Instance instance(parts_.instances, parts_.instances.next_id(), post, source, instant_now());
    instance.is_process = true;
    bool admitted = parts_.wrappers.admits_at_once(post->service(), source);
    if (!admitted) {
      admitted = co_await may_occupy(door, head, instance);
    }
    if (!admitted) {
      answer.ticket = Ticket();
      leave_door(door, tenure);
      co_return;
    }
    UniqueFd no_connection;
    started = co_await start_instance(instance, std::move(no_connection), door);
    if (started) {
      const News end = co_await follow(instance, configuration, index);
      failed = end.wait_status != 0 || end.sys_errno != 0;
    }
    young = instant_now() - instance.since < kYoung;
    answer.ticket = Ticket();
  }
  if (door->tenure != tenure || !door->listener) co_return;

  // Did it leave its visitor standing? A datagram can be recognised; of a stream we only know that somebody is
  // still there, and that the server failed.
  bool left_standing = false;
  if (head) {
    left_standing = peek_datagram(door->listener.get()) == head;
    if (left_standing) drop_datagram(door->listener.get());
  } else if (failed && young && is_readable(door->listener.get())) {
    left_standing = true;
    if (door->young_deaths >= kPatience) (void)accept_from(door->listener.get());
  }
  if (left_standing && young) {
    const std::size_t step = std::min<std::size_t>(door->young_deaths, kYoungDeathPauses.size() - 1);
    if (door->young_deaths < UINT8_MAX) ++door->young_deaths;
    const Instant again = instant_now() + kYoungDeathPauses[step];
    co_await parts_.loop.sleep_until(again);
  } else {
    door->young_deaths = 0;
  }
  leave_door(door, tenure);
}

void Reception::leave_door(const DoorRef& door, std::uint32_t tenure) {
  if (door->tenure != tenure) return;
  door->occupied = false;
  if (!door->resting) parts_.doors.open(door);
}

}  // namespace reeve
