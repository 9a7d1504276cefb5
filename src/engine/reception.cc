#include "engine/reception.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/builtin_streams.h"
#include "engine/door_guard.h"
#include "sys/clock.h"

namespace reeve {

namespace {

// A few from each listener, then the next one's turn.
constexpr int kVisitsPerTurn = 16;
constexpr std::chrono::seconds kBannerDeadline{10};
constexpr std::chrono::milliseconds kCloseLate{20};
constexpr std::chrono::seconds kFarewellDeadline{2};

std::uint32_t affordable_starts(std::uint32_t most) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= rlim_t{most} * 4) return most;
  return std::max<std::uint32_t>(4, static_cast<std::uint32_t>(limit.rlim_cur / 4));
}

}  // namespace

Reception::Reception(Parts parts) : parts_(parts), most_under_way_(affordable_starts(kMaxUnderWay)) {}

void Reception::knock(const DoorRef& door) {
  const Service& service = door->post->service();
  if (service.wait && service.kind == Kind::program) {
    hand_over(door);
  } else if (service.is_stream()) {
    accept_visits(door);
  } else {
    parts_.datagrams.serve(door, instant_now());
  }
}

// ---------------------------------------------------------------- accept and admit

void Reception::accept_visits(const DoorRef& door) {
  for (int each = 0; each < kVisitsPerTurn && door->watch != UINT32_MAX && under_way_ < most_under_way_; ++each) {
    if (!accept_visit(door->post, door->listener.get())) return;
  }
}

// What is under way needs descriptors to come to its end: the rules that the monitor sends, a connection that it gives back.
void Reception::make_room() {
  if (parts_.deception.tarpit().give_way()) return;
  spares_.give_up();
  has_spares_ = false;
  parts_.doors.pause();
}

bool Reception::accept_visit(const PostRef& post, int listener) {
  if (!has_spares_ && !(has_spares_ = spares_.hold())) {
    make_room();
    return false;
  }
  auto accepted = accept_from(listener, post->service().kind == Kind::redirect);
  if (!accepted) {
    if (accepted.error() == AcceptFailure::shortage) {
      make_room();
      if (!std::exchange(said_shortage_, true)) {
        parts_.journal.say(Level::error, wall_now(), "no free descriptors or memory for a connection; clients wait until there are");
      }
    }
    return accepted.error() == AcceptFailure::gone;
  }
  said_shortage_ = false;
  const bool was_last = spares_.is_last(accepted->connection.get());
  if (was_last) make_room();
  const AccessList* const proxies = post->service().proxy_from;
  if (proxies != nullptr && proxies->prefixes.longest_match(accepted->source.address)) {
    parts_.loop.start(introduce(post, std::move(*accepted)));
  } else {
    admit(post, std::move(*accepted));
  }
  return !was_last;
}

void Reception::admit(const PostRef& post, Arrival arrival) {
  Gate::Answer answer = parts_.gate.ask(*post, arrival.source.address, instant_now(), arrival.identity.get());
  if (answer.undecided() != nullptr) {
    parts_.loop.start(serve_undecided(post, std::move(arrival), std::move(answer)));
    return;
  }
  const bool refused = answer.refusal() != nullptr;
  if (refused && !turn_away(post, arrival, answer)) return;  // ~Arrival closes
  const Service& service = post->service();
  if (service.kind == Kind::redirect && !refused && service.banners == nullptr && !logs_user(service, false)) {
    parts_.loop.start(run_relay(post, std::move(arrival), std::move(answer.ticket)));
  } else {
    parts_.loop.start(serve(post, std::move(arrival), std::move(answer)));
  }
}

bool Reception::turn_away(const PostRef& post, const Arrival& arrival, const Gate::Answer& answer) {
  const Refusal& refusal = *answer.refusal();
  if (refusal.reason == Reason::user && arrival.identity) {
    parts_.recorder.unidentified(*post, arrival.source, refusal, arrival.identity->user);
  } else {
    parts_.recorder.refused(*post, arrival.source, refusal, 0);
  }
  if (answer.overload) shed(post, arrival.source.address, *answer.overload);
  return post->service().banners != nullptr || logs_user(post->service(), true);
}

void Reception::take_in_last(const PostRef& post, UniqueFd old_listener) {
  parts_.loop.start(close_late(post, std::move(old_listener)));
}

Task<> Reception::close_late(PostRef post, UniqueFd old_listener) {
  // The monitor closes its own copy a moment after Ready; closing the last one resets whoever is in the queue.
  const Instant end = instant_now() + kCloseLate;
  co_await parts_.loop.sleep_until(end);
  while (!post->retired && accept_visit(post, old_listener.get())) continue;
}

void Reception::shed(const PostRef& post, const Address& source, const Account::Overload& overload) {
  if (!overload.began) return;
  const Service& service = post->service();
  std::string text =
      "service " + std::string(service.id) + ": more than cps = " + std::to_string(service.cps_rate) + " connections per second";
  if (overload.penalised) {
    text += ", most of them from " + to_text(source) + ", who is refused for " + std::to_string(service.cps_wait_seconds) + " seconds";
  } else {
    text += " from many sources: what is too much is refused until a second has room again";
  }
  parts_.journal.say(Level::error, wall_now(), text);
  if (overload.rest_at && can_rest(service)) parts_.loop.start(rest(post, *overload.rest_at, overload.penalty_until));
}

// The overloaded service stops listening, if there is still nobody else whom that would keep out.
Task<> Reception::rest(PostRef post, Instant from, Instant until) {
  if (from > instant_now()) {
    co_await parts_.loop.sleep_until(from);
  }
  if (post->retired || !post->account.should_rest(post->service(), instant_now())) co_return;
  const std::span<const DoorRef> all = parts_.doors.of(*post);
  std::vector<std::pair<DoorRef, std::uint32_t>> resting;  // with their tenure
  for (const DoorRef& door : all) {
    // A unix socket can't listen again.
    if (door->resting || !door->listener || post->configuration->places[door->place].is_unix()) continue;
    door->resting = true;
    parts_.doors.close(*door);
    parts_.monitor.send(RestingMessage{.generation = post->generation, .place = door->place, .rest = 1}, {});
    resting.emplace_back(door, door->tenure);
  }
  if (resting.empty()) co_return;
  parts_.journal.say(Level::error, wall_now(),
                     "Deactivating service " + std::string(post->service().id) + " until its cps wait of " +
                         std::to_string(post->service().cps_wait_seconds) + " seconds is over: nobody else is known to use it");
  co_await parts_.loop.sleep_until(until);
  for (const auto& [door, tenure] : resting) {
    if (door->tenure != tenure) continue;
    door->resting = false;
    if (post->held != Held::no) continue;
    parts_.monitor.send(RestingMessage{.generation = post->generation, .place = door->place, .rest = 0}, {});
    if (!door->occupied) parts_.doors.open(door);
  }
  if (!post->retired) parts_.journal.say(Level::notice, wall_now(), "Activating service " + std::string(post->service().id) + " again");
}

// ---------------------------------------------------------------- greet and run

Task<bool> Reception::greet(int connection, std::vector<BannerFiles::Part> greeting) {
  const Instant deadline = instant_now() + kBannerDeadline;
  for (BannerFiles::Part& part : greeting) {
    bool sent = false;
    if (part.file) {
      sent = co_await send_file(parts_.loop, connection, std::move(part.file), deadline);
    } else {
      sent = co_await send_all(parts_.loop, connection, std::move(part.text), deadline);
    }
    if (!sent) co_return false;
  }
  co_return true;
}

Task<> Reception::serve(PostRef post, Arrival arrival, Gate::Answer answer) {
  const ConfigurationRef configuration = post->configuration;  // the post's may be replaced while the client reads
  const Service& service = post->service();
  bool refused = answer.refusal() != nullptr;
  WrapPass pass;
  if (!refused && !parts_.wrappers.admits_at_once(service, arrival.source)) {
    pass = co_await pass_wrappers(post, arrival);
    refused = !pass.admitted;
    if (refused) answer.ticket = Ticket();
  }
  if (logs_user(service, refused)) {
    co_await log_user(post, arrival);
  }
  if (service.flags.resolve && !refused) {
    co_await find_name(arrival);
  }
  if (service.banners != nullptr) {
    std::vector<BannerFiles::Part> greeting = parts_.banner_files.greeting(*service.banners, refused);
    if (!greeting.empty() && (!refused || farewells_ < kMaxFarewells)) {
      farewells_ += refused ? 1 : 0;
      const int connection = arrival.connection.get();
      const bool heard = co_await greet(connection, std::move(greeting));
      if (heard && refused) {
        const Instant end_of_farewell = instant_now() + kFarewellDeadline;
        co_await close_gently(parts_.loop, std::move(arrival.connection), end_of_farewell);
      }
      farewells_ -= refused ? 1 : 0;
      if (!heard) co_return;
    }
  }
  if (refused) {
    if (pass.was_greeted) {
      co_await part_gently(std::move(arrival));
    }
    co_return;
  }
  if (pass.is_twisted) {
    co_await run_program(std::move(post), std::move(arrival), std::move(answer.ticket));
    co_return;
  }

  switch (post->service().kind) {
    case Kind::program:
      co_await run_program(std::move(post), std::move(arrival), std::move(answer.ticket));
      break;
    case Kind::builtin:
      co_await run_builtin(std::move(post), std::move(arrival), std::move(answer.ticket));
      break;
    case Kind::sensor:
      co_await parts_.deception.receive(std::move(post), std::move(arrival));
      break;
    case Kind::tcpmux:
      co_await run_tcpmux(std::move(post), std::move(arrival), std::move(answer.ticket));
      break;
    case Kind::redirect:
      set_non_blocking(arrival.connection.get());  // it may have come through tcpmux
      co_await run_relay(std::move(post), std::move(arrival), std::move(answer.ticket));
      break;
  }
}

void Reception::note_datagram(const TouchedMessage& message) {
  for (const DoorRef& door : parts_.doors.all()) {
    if (!door->post->service().on_unused_ports) continue;
    const Address source(message.source.address);
    const Endpoint touched{source.is_v4() ? Address::v4(0) : Address(), message.port};
    return parts_.recorder.touched(*door->post, Endpoint{source, 0}, touched, static_cast<std::uint8_t>(message.protocol));
  }
}

Task<> Reception::run_builtin(PostRef post, Arrival arrival, [[maybe_unused]] Ticket ticket) {
  const ConfigurationRef configuration = post->configuration;
  const std::uint32_t index = post->index;
  const Service& service = configuration->services[index];
  const Instant since = instant_now();
  parts_.recorder.started(*post, arrival.source, 0);
  if (answer_at_once(service.builtin, arrival.connection.get())) co_return;
  Instance instance(parts_.instances, parts_.instances.next_id(), std::move(post), arrival.source, since);
  instance.identity = std::move(arrival.identity);
  co_await serve_builtin(parts_.loop, service.builtin, std::move(arrival), instance);
  parts_.recorder.exited(instance, service, nullptr, instant_now());
  note_silence(instance, service);
}

void Reception::note_silence(const Instance& instance, const Service& service) {
  if (instance.ending || instance.silence == Silence::no) return;
  parts_.penalties.note(service, instance.source, instance.silence == Silence::left ? Offence::early_close : Offence::silent);
}

Task<> Reception::run_program(PostRef post, Arrival arrival, [[maybe_unused]] Ticket ticket) {
  const ConfigurationRef configuration = post->configuration;
  const std::uint32_t index = post->index;
  Instance instance(parts_.instances, parts_.instances.next_id(), std::move(post), arrival.source, instant_now());
  instance.is_process = true;
  instance.identity = std::move(arrival.identity);
  instance.wrap = std::move(arrival.wrap);
  DoorRef no_door;
  const bool started = co_await start_instance(instance, std::move(arrival.connection), std::move(no_door));
  if (!started) co_return;
  co_await follow(instance, configuration, index);
}

Task<bool> Reception::start_instance(Instance& instance, UniqueFd connection, DoorRef door) {
  // Short of processes: tried again as xinetd does, but sooner; the client comes back with the answer. Short of
  // descriptors: a listener can be lent later.
  static constexpr std::array<std::chrono::milliseconds, 5> kForkPauses{
      std::chrono::milliseconds(500), std::chrono::seconds(1), std::chrono::seconds(1), std::chrono::seconds(2), std::chrono::seconds(5)};
  static constexpr std::chrono::milliseconds kReceivePause{100};
  static constexpr int kReceiveTries = 100;
  const bool has_connection = static_cast<bool>(connection);
  std::size_t forks = 0;
  int receives = 0;
  for (;;) {
    const Post& post = *instance.post;
    StartMessage start{};
    start.generation = post.generation;
    start.service = post.index;
    start.has_connection = has_connection ? 1 : 0;
    start.place = has_connection ? 0 : door->place;
    start.instance = instance.id;
    if (instance.source) start.source = to_wire(*instance.source);
    if (post.retired) co_return false;
    if (post.held == Held::stopped) {
      parts_.recorder.refused(*instance.post, instance.source, {Reason::stopped, {}}, 0);
      co_return false;
    }
    count_under_way(+1);
    if (instance.wrap) announce_rule(instance, start);
    if (post.service().flags.ucspi && instance.identity) tell_client(instance);
    parts_.monitor.send(start, std::move(connection));
    const News news = co_await instance.news();
    count_under_way(-1);
    if (news.kind == News::Kind::started) {
      instance.pid = news.pid;
      instance.since = instant_now();
      co_return true;
    }
    connection = std::move(instance.returned);
    // A client whose connection got lost on the way can't be tried again.
    const bool has_client = static_cast<bool>(connection) == has_connection;
    Instant again = instant_now();
    const bool may_retry = !post.service().flags.noretry;
    if (news.stage == StartStage::receive && has_client && receives++ < kReceiveTries) {
      again += kReceivePause;
    } else if (news.stage == StartStage::clone && has_client && may_retry && forks < kForkPauses.size()) {
      again += kForkPauses[forks++];
    } else {
      const Reason reason = news.stage == StartStage::refused ? Reason::instances : Reason::fork;
      const Where where = reason == Reason::fork ? post.service().where : post.configuration->where_of(post.service(), "instances");
      parts_.recorder.refused(*instance.post, instance.source, {reason, where}, news.sys_errno);
      if (reason == Reason::fork) {
        parts_.journal.say(Level::error, wall_now(),
                           "service " + std::string(post.service().id) + ": " + Error{"cannot start a process", news.sys_errno}.text());
      }
      co_return false;
    }
    co_await parts_.loop.sleep_until(again);
  }
}

// ---------------------------------------------------------------- account

Task<News> Reception::follow(Instance& instance, ConfigurationRef configuration, std::uint32_t index) {
  const Service& service = configuration->services[index];
  parts_.recorder.started(*instance.post, instance.source, instance.pid);
  const News end = co_await instance.news();
  if (end.sys_errno != 0) {
    const std::string what = "service " + std::string(service.id) + ": cannot " +
                             (end.stage == StartStage::exec ? "execute " : "prepare the start of ") +
                             (service.launch != nullptr && !instance.wrap ? std::string(service.launch->server) : "/bin/sh");
    parts_.journal.say(Level::error, wall_now(), Error{what, end.sys_errno}.text());
    parts_.recorder.refused(*instance.post, instance.source, {Reason::exec, configuration->where_of(service, "server")}, end.sys_errno);
  }
  parts_.recorder.exited(instance, service, &end, instant_now());
  co_return end;
}

void Reception::take_over(const PostRef& post, const DoorRef& door, const InheritMessage& inherited, Ticket ticket) {
  parts_.loop.start(await_end(post, door, inherited, std::move(ticket)));
}

Task<> Reception::await_end(PostRef post, DoorRef door, InheritMessage inherited, [[maybe_unused]] Ticket ticket) {
  const ConfigurationRef configuration = post->configuration;
  const std::uint32_t index = post->index;
  const std::uint32_t tenure = door ? door->tenure : 0;
  std::optional<Endpoint> source;
  if (inherited.source.known != 0) source = Endpoint{Address(inherited.source.address), inherited.source.port};
  Instance instance(parts_.instances, inherited.instance, post, source, Instant(std::chrono::nanoseconds(inherited.started_ns)));
  instance.is_process = true;
  instance.pid = inherited.pid;
  const News end = co_await instance.news();
  parts_.recorder.exited(instance, configuration->services[index], &end, instant_now());
  if (!door) co_return;
  if (door->tenure == tenure && door->listener && !door->post->service().is_stream()) DoorGuard::take_down(*door);
  leave_door(door, tenure);
}

void Reception::count_under_way(int change) {
  under_way_ = static_cast<std::uint32_t>(static_cast<int>(under_way_) + change);
  if (change > 0 && under_way_ == most_under_way_) parts_.doors.hold_programs(true);
  if (change < 0 && under_way_ + 1 == most_under_way_) parts_.doors.hold_programs(false);
}

}  // namespace reeve
