#include "defence/store_thread.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "defence/history_line.h"
#include "record/daemon_log.h"
#include "sys/worker_thread.h"

namespace reeve {
namespace {

using Kind = DatabaseError::Kind;

constexpr std::chrono::hours kTidyAtLeast{1};
constexpr std::chrono::minutes kBetweenMoves{1};
constexpr std::uint32_t kMostAnswers = 100'000;

std::uint64_t number_of(const StoreThread::Order& order) noexcept {
  return std::visit(
      [](const auto& message) -> std::uint64_t {
        if constexpr (requires { message.number; }) return message.number;
        return 0;
      },
      order);
}

}  // namespace

struct StoreThread::State {
  explicit State(Terms given, Waker waking) : terms(std::move(given)), waker(std::move(waking)) {}

  Terms terms;
  Waker waker;

  // ---- shared, under the mutex
  std::mutex mutex;
  std::condition_variable has_work, has_room, was_taken;
  std::deque<Order> orders;
  std::deque<FromFollower> news;
  bool missed = false;    // something was dropped
  bool stopping = false;  // write what is there, and end

  // ---- the thread's own
  std::unique_ptr<BanStore> store;
  bool has_loaded = false;    // what it kept was said
  bool awaits_begin = false;  // the engine was asked to tell all anew: what comes before that is part of a whole that has holes
  bool said_failure = false;
  std::chrono::steady_clock::time_point retry_at, tidy_at, moved_at;

  std::optional<WorkerThread> thread;  // the last: it uses all the others

  // ---------------------------------------------------------------- what is said

  // False: nobody will take it any more.
  template <class Message>
  bool put(const Message& message) {
    std::unique_lock lock(mutex);
    was_taken.wait(lock, [this] { return news.size() < kMaxNews || stopping; });
    if (stopping) return false;
    news.emplace_back(message);
    if (news.size() == 1) waker.wake();
    return true;
  }
  void say(Level level, const std::string& text) {
    SayMessage message;
    message.level = static_cast<std::uint32_t>(level);
    put_words(message.text, text);
    (void)put(message);
  }
  void tell_state(std::string_view text) {
    StateMessage message;
    put_words(message.name, "store");
    put_words(message.text, text);
    (void)put(message);
  }
  void tell_loaded(bool durable) {
    LoadedMessage message;
    message.durable = durable ? 1 : 0;
    (void)put(message);
  }

  // ---------------------------------------------------------------- the store's life

  void open_store() {
    auto opened = BanStore::open(terms.directory, terms.tuning, terms.boot, terms.clocks());
    if (!opened) {
      DatabaseError error = opened.error();
      if (error.kind == Kind::damaged) error.kind = Kind::failed;  // a fresh one, too: that is something else
      return fail(error);
    }
    store = std::move(opened->store);
    if (!opened->moved_to.empty()) say_moved(opened->damage, opened->moved_to);
    if (!has_loaded && !load()) return;
    // An empty batch: the disk takes what is written.
    if (auto probe = store->apply({}, terms.clocks()); !probe) return fail(probe.error());
    if (std::exchange(said_failure, false)) say(Level::notice, "bans are kept again in " + terms.directory);
    tell_state("bans are kept in " + terms.directory);
    begin_anew();
    tidy_at = {};
  }

  void say_moved(const std::string& damage, const std::string& place) {
    say(Level::error, "the file of bans was damaged (" + damage + "): it is now " + place + ", and bans are kept in a new one");
  }

  // The engine will tell all that is in force.
  void begin_anew() {
    awaits_begin = true;
    tell_loaded(true);
  }

  bool load() {
    const ClockReading now = terms.clocks();
    auto done = store->load(now, [this](const BanMessage& ban) { return put(ban); });
    if (done) done = store->offenders(now, [this](const OffenderMessage& offender) { return put(offender); });
    if (done || done.error().kind == Kind::damaged) has_loaded = true;  // what could be read was said
    if (!done) fail(done.error());
    return done.has_value();
  }

  // What was told and is not on disk is in the engine still.
  void fail(const DatabaseError& error) {
    store.reset();
    const auto now = std::chrono::steady_clock::now();
    retry_at = now + terms.retry;
    if (error.kind == Kind::damaged) {
      const auto moved = BanStore::set_aside(terms.directory, terms.clocks().wall);
      if (moved) {
        say_moved(error.what, *moved);
        // At once, unless each file that is made turns out to be damaged.
        if (now - std::exchange(moved_at, now) > kBetweenMoves) retry_at = {};
        return;
      }
    }
    if (std::exchange(said_failure, true)) return;
    std::string why = terms.directory + "/" + BanStore::kFileName + ": " + error.what;
    if (error.kind == Kind::held)
      why = "another daemon keeps its bans in " + terms.directory + " (give this one a state_directory of its own)";
    if (error.kind == Kind::newer) why += " (a later version of reeve made it; it is left as it is)";
    say(Level::error, "bans are not kept: " + why + ". They hold until the daemon ends; it is tried again");
    tell_state("bans are not kept");
    tell_loaded(false);
  }

  // ---------------------------------------------------------------- work

  void run() {
    open_store();
    for (;;) {
      std::deque<Order> batch;
      const bool has_missed = next_batch(batch);
      work_off(batch);
      if (is_stopping()) return store.reset();
      if (has_missed && store) begin_anew();
      const auto now = std::chrono::steady_clock::now();
      if (!store && now >= retry_at) open_store();
      if (store && now >= tidy_at) tidy();
    }
  }

  // Nothing is left to be done, and nothing will come.
  bool is_stopping() {
    const std::lock_guard lock(mutex);
    return stopping && orders.empty();
  }

  // Waits for work. True: something was dropped before, and all that was not is in this batch or an earlier one.
  bool next_batch(std::deque<Order>& batch) {
    std::unique_lock lock(mutex);
    const auto has_some = [this] { return !orders.empty() || stopping; };
    if (has_work.wait_until(lock, store ? tidy_at : retry_at, has_some))
      has_work.wait_for(lock, kGather, [this] { return orders.size() >= kMostAtOnce || stopping; });
    const auto count = static_cast<std::ptrdiff_t>(std::min(orders.size(), kMostAtOnce));
    batch.assign(orders.begin(), orders.begin() + count);
    orders.erase(orders.begin(), orders.begin() + count);
    has_room.notify_one();
    return orders.empty() && std::exchange(missed, false);
  }

  // Changes up to a question are one transaction; then it is answered.
  void work_off(const std::deque<Order>& batch) {
    std::vector<StoreChange> changes;
    std::uint64_t number = 0;
    for (const Order& order : batch) {
      if (const auto* question = std::get_if<AskMessage>(&order)) {
        commit(changes, number);
        answer(*question);
        continue;
      }
      if (std::holds_alternative<BeginMessage>(order)) awaits_begin = false;
      if (awaits_begin) continue;
      number = std::max(number, number_of(order));
      std::visit(
          [&](const auto& message) {
            if constexpr (!std::is_same_v<std::decay_t<decltype(message)>, AskMessage>) changes.emplace_back(message);
          },
          order);
    }
    commit(changes, number);
  }

  void commit(std::vector<StoreChange>& changes, std::uint64_t number) {
    const std::vector<StoreChange> batch = std::exchange(changes, {});
    if (batch.empty() || !store) return;
    const auto done = store->apply(batch, terms.clocks());
    if (!done) return fail(done.error());
    if (!store->is_in_place()) {
      store.reset();
      retry_at = {};
      return say(Level::warning, terms.directory + "/" + BanStore::kFileName + " was removed or replaced by somebody: a new one is made");
    }
    // Between Begin and End a number says nothing: what is told then may be any part of the whole.
    KeptMessage kept;
    kept.number = number;
    if (!store->awaits_end()) (void)put(kept);
    schedule_tidy(terms.clocks().instant);
  }

  void answer(const AskMessage& question) {
    AnswerMessage line;
    line.number = question.number;
    DatabaseError trouble{.what = "bans are not kept"};
    if (store) {
      const Prefix around{Address(question.prefix.address), question.prefix.bits};
      const auto done = store->history(around, std::min(question.most, kMostAnswers), terms.clocks(), [&](const PastBan& ban) {
        put_words(line.text, history_line(ban));
        (void)put(line);
      });
      trouble.what.clear();
      if (!done) trouble = done.error();
      if (!done && trouble.kind == Kind::damaged) fail(trouble);
    }
    line.last = 1;
    put_words(line.text, trouble.what);
    (void)put(line);
  }

  void tidy() {
    const ClockReading now = terms.clocks();
    const auto more = store->tidy(now);
    if (!more) return fail(more.error());
    tidy_at = {};
    if (!*more) schedule_tidy(now.instant);
  }

  void schedule_tidy(Instant now) {
    const auto next = store->next_end();
    if (!next) return fail(next.error());
    const std::chrono::nanoseconds wait =
        *next ? std::clamp<std::chrono::nanoseconds>(**next - now, std::chrono::seconds(1), kTidyAtLeast) : kTidyAtLeast;
    tidy_at = std::chrono::steady_clock::now() + wait;
  }
};

StoreThread::StoreThread(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}

StoreThread::~StoreThread() {
  finish();
}

Result<std::unique_ptr<StoreThread>> StoreThread::start(Terms terms) {
  auto waker = Waker::open();
  if (!waker) return std::unexpected(waker.error());
  auto state = std::make_unique<State>(std::move(terms), std::move(*waker));
  auto thread = WorkerThread::start("reeve-store", [its = state.get()] { its->run(); });
  if (!thread) return std::unexpected(thread.error());
  state->thread.emplace(std::move(*thread));
  return std::unique_ptr<StoreThread>(new StoreThread(std::move(state)));
}

void StoreThread::tell(const Order& order) {
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  // Once something is missing, what follows is of no use: all will be told anew. A question is asked anyway.
  if (state.missed && !std::holds_alternative<AskMessage>(order)) return;
  const bool has_room = state.has_room.wait_for(lock, kPatience, [&] { return state.orders.size() < kMaxOrders; });
  if (!has_room) {
    state.missed = true;
    return;
  }
  state.orders.push_back(order);
  const std::size_t count = state.orders.size();
  if (count == 1 || count == kMostAtOnce) state.has_work.notify_one();
}

int StoreThread::fd() const noexcept {
  return state_->waker.fd();
}

std::vector<FromFollower> StoreThread::take(std::size_t most) {
  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, state.news.size()));
  std::vector<FromFollower> taken(state.news.begin(), state.news.begin() + count);
  state.news.erase(state.news.begin(), state.news.begin() + count);
  if (state.news.empty()) state.waker.heard();
  state.was_taken.notify_one();
  return taken;
}

void StoreThread::finish() noexcept {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->has_work.notify_one();
  state_->was_taken.notify_one();
  if (state_->thread) state_->thread->join();
}

}  // namespace reeve
