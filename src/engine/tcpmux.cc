#include "engine/tcpmux.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "config/lexer.h"
#include "engine/reception.h"
#include "engine/tcpmux_request.h"
#include "sys/clock.h"

namespace reeve {

namespace {

// To say the name, to take an answer, and to hear why not.
constexpr std::chrono::seconds kRequestDeadline{30};
constexpr std::chrono::seconds kAnswerDeadline{10};
constexpr std::chrono::seconds kFarewellDeadline{2};
// Between looks whether the monitor can take more starts.
constexpr std::chrono::milliseconds kBusyPause{10};

constexpr std::string_view kGoAhead = "+Go\r\n";
// The same for a service that is not there and for one that the client may not use.
constexpr std::string_view kNoSuchService = "-Service name not found\r\n";
constexpr std::string_view kTooLong = "-The line is too long\r\n";

std::string in_lower_case(std::string_view name) {
  std::string folded(name);
  for (char& each : folded) each = lower(each);
  return folded;
}

enum class Heard : std::uint8_t { nothing_yet, some, end };

// Takes what has come, and of that not a byte behind the line.
Heard hear(int connection, TcpmuxRequest& request) {
  std::array<char, TcpmuxRequest::kMaxLine> bytes;
  const ssize_t seen = ::recv(connection, bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
  if (seen < 0 && (errno == EAGAIN || errno == EINTR)) return Heard::nothing_yet;
  if (seen <= 0) return Heard::end;
  const std::size_t taken = request.take({bytes.data(), static_cast<std::size_t>(seen)});
  (void)!::recv(connection, bytes.data(), taken, MSG_DONTWAIT);
  return Heard::some;
}

// False when no line comes: the client has left, or takes too long.
Task<bool> read_request(Watch& watch, int connection, TcpmuxRequest& request, Instant deadline, Instance& instance) {
  instance.silence = Silence::left;
  while (!request.is_complete() && !request.is_too_long()) {
    const Heard heard = hear(connection, request);
    if (heard == Heard::end) co_return false;
    if (heard == Heard::some) instance.silence = Silence::no;
    if (heard == Heard::some) continue;
    const Wake wake = co_await watch.readable(deadline);
    if (wake == Wake::ready) continue;
    if (instance.silence == Silence::left) instance.silence = wake == Wake::timed_out ? Silence::too_long : Silence::no;
    co_return false;
  }
  co_return true;
}

}  // namespace

void Tcpmux::adopt(const std::vector<PostRef>& posts) {
  posts_.clear();
  by_name_.clear();
  for (const PostRef& post : posts) {
    const Service& service = post->service();
    if (service.listens()) continue;
    if (by_name_.emplace(in_lower_case(service.name), post).second) posts_.push_back(post);
  }
}

PostRef Tcpmux::find(std::string_view name) const {
  const auto found = by_name_.find(in_lower_case(name));
  return found == by_name_.end() ? nullptr : found->second;
}

std::string Tcpmux::help(Gate& gate, const Address& source, Instant now) const {
  std::string names;
  for (const PostRef& post : posts_) {
    if (std::holds_alternative<Refusal>(gate.ask_again(*post, source, now, nullptr))) continue;
    names += post->service().name;
    names += "\r\n";
  }
  return names;
}

// ---------------------------------------------------------------- the reception's half

// Last words, and the end of the conversation.
Task<> Reception::answer_and_close(Arrival arrival, std::string answer) {
  const int connection = arrival.connection.get();
  const Instant deadline = instant_now() + kAnswerDeadline;
  const bool sent = co_await send_all(parts_.loop, connection, std::move(answer), deadline);
  if (!sent || farewells_ >= kMaxFarewells) co_return;
  ++farewells_;
  const Instant end_of_farewell = instant_now() + kFarewellDeadline;
  co_await close_gently(parts_.loop, std::move(arrival.connection), end_of_farewell);
  --farewells_;
}

// The ticket is held until the service that was asked for ends: `instances` of tcpmux bounds all behind it.
Task<> Reception::run_tcpmux(PostRef post, Arrival arrival, [[maybe_unused]] Ticket ticket) {
  TcpmuxRequest request;
  bool asked = false;
  {
    const ConfigurationRef configuration = post->configuration;
    const std::uint32_t index = post->index;
    parts_.recorder.started(*post, arrival.source, 0);
    Instance instance(parts_.instances, parts_.instances.next_id(), std::move(post), arrival.source, instant_now());
    const int connection = arrival.connection.get();
    const Instant deadline = instance.since + kRequestDeadline;
    {
      Watch watch(parts_.loop, connection);
      instance.watch = &watch;
      asked = co_await read_request(watch, connection, request, deadline, instance);
      instance.watch = nullptr;
    }
    parts_.recorder.exited(instance, configuration->services[index], nullptr, instant_now());
    note_silence(instance, configuration->services[index]);
  }
  if (!asked) co_return;

  std::string answer;
  const std::string_view name = request.name();
  const PostRef wanted = request.is_complete() ? parts_.tcpmux.find(name) : nullptr;
  if (wanted) {
    co_await visit_by_name(wanted, std::move(arrival));
    co_return;
  }
  if (request.is_too_long()) {
    answer = kTooLong;
  } else if (equal_ignoring_case(name, "help")) {
    answer = parts_.tcpmux.help(parts_.gate, arrival.source.address, instant_now());
  } else {
    answer = kNoSuchService;
  }
  co_await answer_and_close(std::move(arrival), std::move(answer));
}

Task<> Reception::visit_by_name(PostRef post, Arrival arrival) {
  // Its door is this conversation: it waits as the doors of programs do while the monitor is busy.
  while (under_way_ >= most_under_way_) {
    const Instant later = instant_now() + kBusyPause;
    co_await parts_.loop.sleep_until(later);
  }
  if (post->retired) co_return;
  const Address source = arrival.source.address;
  Gate::Answer answer = parts_.gate.ask(*post, source, instant_now(), arrival.identity.get());
  if (answer.undecided() != nullptr) {
    answer = co_await find_verdict(post, arrival, std::move(answer));
    if (post->retired) co_return;
  }
  const Refusal* const refusal = answer.refusal();
  if (refusal != nullptr) {
    (void)turn_away(post, arrival, answer);
    if (post->service().banners == nullptr) {
      std::string no(kNoSuchService);
      co_await answer_and_close(std::move(arrival), std::move(no));
      co_return;
    }
  }
  if (refusal != nullptr || post->service().types.tcpmuxplus) {
    const int connection = arrival.connection.get();
    const Instant deadline = instant_now() + kAnswerDeadline;
    std::string first_line(refusal != nullptr ? kNoSuchService : kGoAhead);
    const bool sent = co_await send_all(parts_.loop, connection, std::move(first_line), deadline);
    if (!sent) co_return;
  }
  co_await serve(std::move(post), std::move(arrival), std::move(answer));
}

}  // namespace reeve
