#include "engine/control.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "control/answer.h"
#include "sys/clock.h"
#include "sys/unix_peer.h"

namespace reeve {

namespace {

// A crowd at the socket must not keep the loop from its clients.
constexpr int kPeersPerTurn = 8;
constexpr std::chrono::milliseconds kPauseBetweenTurns{5};
constexpr std::chrono::milliseconds kShortage{100};

// For a peer that is not served: what fits into the socket at once.
void say_and_close(UniqueFd connection, const ControlFailure& failure) {
  std::string line;
  append_failure(line, Request().id, failure);
  (void)::send(connection.get(), line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

// In the table as long as it lives.
class Seat {
 public:
  Seat(std::vector<ControlSession*>& table, ControlSession& session) : table_(table), session_(session) { table_.push_back(&session_); }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat() { std::erase(table_, &session_); }

 private:
  std::vector<ControlSession*>& table_;
  ControlSession& session_;
};

}  // namespace

void Control::take(const ControlMessage& message, std::vector<UniqueFd> descriptors) {
  desk_.told = message;
  ++turn_;
  if (listening_ != nullptr) std::exchange(listening_, nullptr)->cancel();
  if (message.listens == 0 || descriptors.empty()) return;
  desk_.loop.start(accept_peers(std::move(descriptors.front()), turn_));
}

Task<> Control::accept_peers(UniqueFd listener, std::uint32_t turn) {
  Watch watch(desk_.loop, listener.get());
  listening_ = &watch;
  for (;;) {
    co_await watch.readable(kNoDeadline);
    Instant next = instant_now();
    for (int each = 0; turn == turn_ && each < kPeersPerTurn; ++each) {
      UniqueFd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!connection) {
        const bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (is_short) next += kShortage;
        break;
      }
      receive(std::move(connection));
      if (each + 1 == kPeersPerTurn) next += kPauseBetweenTurns;
    }
    if (turn != turn_) co_return;
    if (next > instant_now()) {
      co_await desk_.loop.sleep_until(next);
      if (turn != turn_) co_return;
    }
  }
}

void Control::receive(UniqueFd connection) {
  const auto found = unix_peer(connection.get());
  const ConfigurationRef& configuration = desk_.adoption.configuration();
  if (!found || !configuration) return;
  Peer peer{.pid = found->pid, .uid = found->uid, .gid = found->gid, .groups = found->groups};
  const ControlTerms& terms = configuration->control;
  const Role role = role_of(peer, {.daemon_uid = daemon_uid_,
                                   .operators_group = terms.operators_group,
                                   .readers = terms.readers,
                                   .everybody_reads = terms.everybody_reads});
  if (role == Role::nobody)
    return say_and_close(std::move(connection), {kDenied, "permission denied: only root and the group reeve may ask"});
  if (!has_room_for(role, peer.uid)) return say_and_close(std::move(connection), {kBusy, "too many are connected to the control socket"});
  desk_.loop.start(serve(std::move(connection), std::move(peer), role));
}

bool Control::has_room_for(Role role, std::uint32_t uid) {
  const bool is_root = uid == 0 || uid == daemon_uid_;
  const auto is_reader = [](const ControlSession* one) { return one->role == Role::reader; };
  const auto readers = static_cast<std::size_t>(std::ranges::count_if(sessions_, is_reader));
  const std::size_t most = is_root ? kMaxSessions : kMaxSessions - kReserved;
  if (sessions_.size() < most && (role != Role::reader || readers < kMaxReaders)) return true;
  // Somebody who asks nothing goes: a reader for a reader, anybody but root for a member of the group, anybody for root.
  const auto may_go = [&](const ControlSession& one) {
    if (!one.idle_since() || instant_now() - *one.idle_since() < kSettled || one.is_ended()) return false;
    const bool one_is_root = one.peer.uid == 0 || one.peer.uid == daemon_uid_;
    return role == Role::reader ? one.role == Role::reader : is_root || !one_is_root;
  };
  ControlSession* longest = nullptr;
  for (ControlSession* const one : sessions_) {
    if (may_go(*one) && (longest == nullptr || *one->idle_since() < *longest->idle_since())) longest = one;
  }
  if (longest == nullptr) return false;
  longest->end();  // its seat is free in the next turn of the loop: the bound is passed by the few of one turn at most
  return true;
}

Task<> Control::wait_for_turn(Instant turn) {
  if (turn <= instant_now()) co_return;
  co_await desk_.loop.sleep_until(turn);
}

Task<> Control::serve(UniqueFd connection, Peer peer, Role role) {
  ControlSession session(desk_.loop, std::move(connection), std::move(peer), role);
  const Seat seat(sessions_, session);
  LineBuffer lines;
  for (;;) {
    std::optional<std::string> line = lines.next();
    if (!line && lines.is_too_long()) {
      session.fail(Request(), {kMalformed, "a line of more than " + std::to_string(LineBuffer::kMaxLine) + " bytes"});
      co_await session.flush();
      co_return;
    }
    if (!line) {
      const bool goes_on = co_await session.read(lines);
      if (!goes_on) co_return;
      continue;
    }
    const Instant turn = pace_.take(session.peer.uid, instant_now());
    co_await wait_for_turn(turn);
    std::string text = std::move(*line);
    const bool goes_on = co_await answer(session, std::move(text));
    if (!goes_on) co_return;
  }
}

void Control::note_operator(const Request& request) {
  const auto text = request.text("operator");
  const auto address = text ? parse_address(*text) : std::nullopt;
  if (!address || address->is_local() || address->is_unspecified()) return;
  // Who wants to be shut out himself is not to be spared.
  if (request.flag("even_me")) return desk_.bans.forget_operator(*address);
  desk_.bans.note_operator(*address, instant_now());
}

Task<bool> Control::answer(ControlSession& session, std::string line) {
  const auto decoded = decode_request(line);
  if (!decoded) {
    // Who can't speak is not listened to any longer.
    session.fail(Request(), decoded.error());
    co_await session.flush();
    co_return false;
  }
  const Request& request = *decoded;
  const ControlVerb* const verb = find_control_verb(request.verb);
  if (verb == nullptr) {
    session.fail(request, {kUnknown, "this daemon, reeved " REEVE_VERSION ", can't do that"});
  } else if (session.role < verb->least) {
    session.fail(request, {kDenied, "permission denied: only root and the group reeve may do that"});
  } else {
    if (verb->is_overview) {
      constexpr Pace kOverviews(8, 8);
      Pace& pace = overview_paces_.try_emplace(verb, kOverviews).first->second;
      const Instant turn = pace.take(session.peer.uid, instant_now());
      co_await wait_for_turn(turn);
    }
    desk_.sessions = sessions_.size();
    session.begin_slice();
    if (session.role == Role::operates) note_operator(request);
    const auto run = verb->run;
    co_await run(desk_, session, request);
  }
  const bool sent = co_await session.flush();
  co_return sent;
}

}  // namespace reeve
