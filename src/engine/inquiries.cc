#include "engine/inquiries.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "sys/clock.h"

namespace reeve {
namespace {

// Each holds its client's connection, and perhaps a socket to ask with.
std::uint32_t affordable(std::uint32_t most) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= rlim_t{most} * 8) return most;
  return std::max<std::uint32_t>(8, static_cast<std::uint32_t>(limit.rlim_cur / 8));
}

Prefix source_of(const Address& address) noexcept {
  constexpr unsigned kBits = 64;
  return address.is_v4() ? Prefix::host(address) : Prefix::of(address, kBits);
}

}  // namespace

// Whoever waits for an answer, but not too long. The first of answer and alarm ends it.
struct Inquiries::HeadStart {
  bool over = false;
  std::coroutine_handle<> waiter;

  void end() {
    if (std::exchange(over, true) || !waiter) return;
    std::exchange(waiter, {}).resume();
  }
  [[nodiscard]] bool await_ready() const noexcept { return over; }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { waiter = waiting; }
  void await_resume() const noexcept {}
};

Inquiries::Inquiries(Loop& loop) : loop_(loop), resolver_(loop, {}), most_under_way_(affordable(kMaxUnderWay)) {}

bool Inquiries::Crowd::enter(const Prefix& source, Limits limits) {
  if (size_ >= limits.all || limits.from_source == 0) return false;
  std::uint32_t& theirs = by_source_[source];
  if (theirs >= limits.from_source) return false;
  ++theirs;
  ++size_;
  return true;
}

void Inquiries::Crowd::leave(const Prefix& source) {
  --size_;
  const auto theirs = by_source_.find(source);
  if (--theirs->second == 0) by_source_.erase(theirs);
}

std::optional<Inquiries::Place> Inquiries::enter(const Address& source) {
  const Prefix prefix = source_of(source);
  if (!undecided_.enter(prefix, {most_under_way_, std::min(kMaxFromSource, most_under_way_ / 4)})) return std::nullopt;
  return Place(undecided_, prefix);
}

Task<HostName> Inquiries::name_of(Address address) {
  HostName name;
  if (address.is_unspecified()) {
    name.state = HostName::State::none;
    co_return name;
  }
  name = co_await resolver_.name_of(address);
  co_return name;
}

Task<RemoteUser> Inquiries::user_of(std::optional<IdentQuestion> question) {
  RemoteUser user;
  if (!question) {
    user.state = RemoteUser::State::unknown;
    user.reason = "connection gone";
    co_return user;
  }
  const Instant deadline = instant_now() + kUserDeadline;
  user = co_await ask_ident(loop_, *question, deadline);
  co_return user;
}

Task<> Inquiries::find_out(Undecided::Need need, Address source, int connection, Identity& identity) {
  if (need == Undecided::Need::name) {
    identity.name = co_await name_of(source);
  } else {
    const std::optional<IdentQuestion> question = ident_question(connection);
    identity.user = co_await user_of(question);
  }
}

Task<> Inquiries::user_for_log(IdentQuestion question, Instant patience, Told told) {
  const Prefix source = source_of(question.client);
  const std::uint32_t share = std::max<std::uint32_t>(1, log_limit_ / 4);
  if (!for_log_.enter(source, {log_limit_, share})) co_return;
  auto head_start = std::make_shared<HeadStart>();
  loop_.start(tell_user(question, std::move(told), Place(for_log_, source), head_start));
  if (head_start->over) co_return;
  if (patience != kNoDeadline) loop_.start(end_head_start(head_start, patience));
  HeadStart& answer_or_alarm = *head_start;
  co_await answer_or_alarm;
}

Task<> Inquiries::tell_user(IdentQuestion question, Told told, [[maybe_unused]] Place place, std::shared_ptr<HeadStart> head_start) {
  const Instant deadline = instant_now() + kUserDeadline;
  const RemoteUser user = co_await ask_ident(loop_, question, deadline);
  told(user);
  head_start->end();
}

Task<> Inquiries::end_head_start(std::shared_ptr<HeadStart> head_start, Instant when) {
  co_await loop_.sleep_until(when);
  head_start->end();
}

}  // namespace reeve
