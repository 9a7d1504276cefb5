// The half of Reception for wait = yes services: the listener itself is handed to the server, and watched again when
// the server has exited.
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "config/source_filter.h"
#include "engine/door_guard.h"
#include "engine/reception.h"
#include "sys/clock.h"
#include "sys/socket_filter.h"

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
    if (post->configuration->places[door->place].is_unix()) head->source = {Address::local(Address::kUnknownUser), 0};
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

// Whom only his name lets in, no filter knows.
std::optional<Address> admitted_by_name(const Service& service, const std::optional<QueueHead>& head) {
  if (!head || service.only_from == nullptr || !service.only_from->has_names) return std::nullopt;
  return head->source.address;
}

// Nobody but the kernel sees what comes while a server has the listener. False: it must not be handed over yet.
bool Reception::guard(const DoorRef& door, const std::optional<QueueHead>& head) {
  const Post& post = *door->post;
  if (post.configuration->places[door->place].is_unix() || !checks_every_packet(post.service())) return true;
  const Instant now = instant_now();
  const auto admitted = admitted_by_name(post.service(), head);
  if (!parts_.door_guard.put_up(*door, admitted, now)) {
    const Error error{"cannot keep unwelcome sources out", errno};
    parts_.journal.say(Level::error, wall_now(), "service " + std::string(post.service().id) + ": " + error.text());
    if (head) drop_datagram(door->listener.get());
    return false;
  }
  if (!head || !door->guarded || !parts_.door_guard.has_unwelcome(*door, admitted, now)) return true;
  // Some came before the filter, behind a welcome one. None can be taken out of the middle, so all have to go; datagrams
  // are sent again. The filter stays, so this happens once, however many come.
  drop_datagrams(door->listener.get());
  parts_.journal.say(Level::info, wall_now(),
                     "service " + std::string(post.service().id) + ": datagrams of unwelcome sources were in its queue, which was emptied");
  return false;
}

void Reception::guard_all() {
  bool changes = false;
  ConfigurationRef configuration;
  for (const DoorRef& door : parts_.doors.all()) {
    const Post& post = *door->post;
    configuration = post.configuration;
    if (!door->listener || !post.service().wait || configuration->places[door->place].is_unix()) continue;
    if (!checks_every_packet(post.service())) {
      DoorGuard::take_down(*door);
      continue;
    }
    const bool is_lent = door->occupied && door->guarded;
    if (post.service().is_stream() || is_lent) {
      (void)parts_.door_guard.put_up(*door, std::nullopt, instant_now());
    } else {
      DoorGuard::take_down(*door);
    }
    changes |= !post.service().access_times.empty() ||
               std::ranges::any_of(configuration->services, [](const Service& one) { return one.kind == Kind::sensor; });
  }
  if (changes) parts_.loop.start(keep_guards(std::move(configuration)));
}

// Bans and times of access change what a filter lets through.
Task<> Reception::keep_guards(ConfigurationRef configuration) {
  static constexpr std::chrono::seconds kEvery{2};
  for (;;) {
    const Instant next = instant_now() + kEvery;
    co_await parts_.loop.sleep_until(next);
    const Instant now = instant_now();
    for (const DoorRef& door : parts_.doors.all()) {
      // Another configuration has a task of its own.
      if (door->post->configuration != configuration) co_return;
      const Service& service = door->post->service();
      if (!door->listener || !service.wait || configuration->places[door->place].is_unix() || !checks_every_packet(service)) continue;
      // Whom his name let in would not be in the new filter.
      const bool by_name = service.only_from != nullptr && service.only_from->has_names;
      if (service.is_stream() || (door->occupied && !by_name)) (void)parts_.door_guard.put_up(*door, std::nullopt, now);
    }
  }
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
  if (!guard(door, head)) {
    answer.ticket = Ticket();
    leave_door(door, tenure);
    co_return;
  }
  const std::size_t dropped_before = dropped_packets(door->listener.get());
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
  // Who they were, only the kernel saw.
  const std::size_t dropped = dropped_packets(door->listener.get()) - dropped_before;
  if (dropped != 0) {
    parts_.journal.say(Level::info, wall_now(),
                       "service " + std::string(post->service().id) + ": while its program had the socket, the kernel dropped " +
                           std::to_string(dropped) + (dropped == 1 ? " packet" : " packets") + ": unwelcome, or too many");
  }
  // From here on we look at each datagram ourselves, and can say who was refused.
  if (head) DoorGuard::take_down(*door);

  // Did it leave its visitor standing? A datagram can be recognised; of a stream we only know that somebody is
  // still there, and that the server failed.
  bool left_standing = false;
  if (head) {
    const auto left = peek_datagram(door->listener.get());
    left_standing = left && left->received_ns == head->received_ns;
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
  if (door->post->held != Held::no) return parts_.holding.shut(*door);
  if (!door->resting) parts_.doors.open(door);
}

}  // namespace reeve
