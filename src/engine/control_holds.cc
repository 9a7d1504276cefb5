// `stop`, `drain`, `start`: services without an edited file.
#include <vector>

#include "control/answer.h"
#include "engine/control_desk.h"
#include "engine/control_words.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::chrono::milliseconds kLookEvery{50};
// TERM, then KILL after the monitor's grace of five seconds, and a moment for the news.
constexpr std::chrono::seconds kStopTime{8};

std::vector<PostRef> named(const ControlDesk& desk, const Request& request) {
  std::vector<PostRef> found;
  const std::string_view wanted = request.text("service").value_or("");
  for (const PostRef& post : desk.adoption.posts()) {
    if (is_named(post->service(), wanted)) found.push_back(post);
  }
  return found;
}

std::uint64_t running(const std::vector<PostRef>& posts) {
  std::uint64_t all = 0;
  for (const PostRef& post : posts) all += post->account.running();
  return all;
}

bool is_still_held(const std::vector<PostRef>& posts, Held how) {
  return std::ranges::all_of(posts, [&](const PostRef& post) { return post->retired || post->held == how; });
}

// All that run for these services are asked to end. False: the peer is gone.
Task<bool> end_all(ControlDesk& desk, ControlSession& session, const std::vector<PostRef>& posts) {
  const std::vector<InstanceId> ids = desk.instances.ids();
  for (const InstanceId id : ids) {
    Instance* const instance = desk.instances.find(id);
    if (instance != nullptr && std::ranges::find(posts, instance->post) != posts.end()) desk.reception.end(*instance);
    if (session.is_due()) {
      const bool goes_on = co_await session.breathe();
      if (!goes_on) co_return false;
    }
  }
  co_return true;
}

// The monitor does one thing after the other: when it answers a question, it has done what it was asked before. So a port
// is open, or shut, when the operator is told so.
Task<> await_monitor(ControlDesk& desk) {
  static constexpr std::chrono::seconds kAnswerTime{5};
  const Instant deadline = instant_now() + kAnswerTime;
  MonitorAnswer answer(desk.answers, deadline);
  desk.monitor.send(LookMessage{.count = 1, .number = answer.number()}, {});
  co_await answer;
}

void write_last(ControlSession& session, const Request& request, const std::vector<PostRef>& posts) {
  LastLine line(session.out, request);
  line.field("services", posts.size());
  line.field("running", running(posts));
  line.finish();
}

}  // namespace

Task<> answer_stop(ControlDesk& desk, ControlSession& session, const Request& request) {
  const std::vector<PostRef> posts = named(desk, request);
  if (posts.empty()) co_return session.fail(request, no_such_service(request.text("service").value_or("")));
  for (const PostRef& post : posts) {
    desk.holding.hold(*post, Held::stopped);
    say_order(desk, session, "service " + std::string(post->service().id) + " is stopped");
  }
  co_await await_monitor(desk);
  const Instant end = instant_now() + kStopTime;
  // Who was on his way in when it was stopped is found by the next look.
  while (running(posts) != 0 && instant_now() < end && is_still_held(posts, Held::stopped)) {
    const bool goes_on = co_await end_all(desk, session, posts);
    if (!goes_on) co_return;
    const Instant next = instant_now() + kLookEvery;
    co_await desk.loop.sleep_until(next);
    if (session.is_peer_gone()) co_return;
  }
  write_last(session, request, posts);
}

Task<> answer_drain(ControlDesk& desk, ControlSession& session, const Request& request) {
  const std::vector<PostRef> posts = named(desk, request);
  if (posts.empty()) co_return session.fail(request, no_such_service(request.text("service").value_or("")));
  for (const PostRef& post : posts) {
    desk.holding.hold(*post, Held::draining);
    say_order(desk, session, "service " + std::string(post->service().id) + " is drained");
  }
  co_await await_monitor(desk);
  // Without an end of its own: the last one may stay for days. The peer may go; the service stays drained.
  while (request.flag("wait") && running(posts) != 0 && is_still_held(posts, Held::draining)) {
    const Instant next = instant_now() + kLookEvery;
    co_await desk.loop.sleep_until(next);
    if (session.is_peer_gone()) co_return;
  }
  write_last(session, request, posts);
}

Task<> answer_start(ControlDesk& desk, ControlSession& session, const Request& request) {
  const std::vector<PostRef> posts = named(desk, request);
  if (posts.empty()) co_return session.fail(request, no_such_service(request.text("service").value_or("")));
  std::size_t held = 0;
  for (const PostRef& post : posts) {
    if (post->held == Held::no) continue;
    ++held;
    desk.holding.hold(*post, Held::no);
    say_order(desk, session, "service " + std::string(post->service().id) + " is started again");
  }
  co_await await_monitor(desk);
  LastLine line(session.out, request);
  line.field("services", posts.size());
  line.field("were_held", held);
  line.finish();
}

}  // namespace reeve
