#include "policy/ledger.h"

#include <algorithm>

#include "base/check.h"
#include "policy/rate.h"
#include "policy/sources.h"

namespace reeve {
namespace {

constexpr auto kCompanyMemory = std::chrono::minutes(10);
constexpr std::chrono::nanoseconds kRestDelay = std::chrono::seconds(1);

// Does the service close for everybody, as xinetd does?
bool closes(const Service& service) noexcept {
  return service.compat_xinetd || service.cps_action == CpsAction::close;
}

std::chrono::nanoseconds wait_of(const Service& service) noexcept {
  return std::chrono::seconds(service.cps_wait_seconds);
}

std::chrono::nanoseconds source_interval(const Service& service) noexcept {
  return std::chrono::seconds(service.source_rate_seconds);
}

// When was anybody but a given source admitted? The last source and the last one before it that was another
// are enough to answer.
class Company {
 public:
  void note(const Prefix& source, Instant now) noexcept {
    if (last_ != source) {
      other_at_ = last_at_;
      last_ = source;
    }
    last_at_ = now;
  }
  [[nodiscard]] bool has_other(const Prefix& source, Instant since) const noexcept {
    return (last_ == source ? other_at_ : last_at_) > since;
  }

 private:
  Prefix last_;
  Instant last_at_ = Instant::min(), other_at_ = Instant::min();
};

}  // namespace

bool can_rest(const Service& service) noexcept {
  return service.is_stream() && service.listens() && service.place_count <= kMostPlacesToRest;
}

struct Account::State {
  // A listener that is to stop listening because of one source's flood.
  struct Rest {
    Instant at, until;
    Prefix source;
  };

  std::uint32_t running = 0;
  Sources sources{Ledger::kMaxSources};
  RateBudget budget;
  Company company;
  Instant overload_until = Instant::min();
  Instant closed_until = Instant::min();
  std::optional<Rest> rest;

  [[nodiscard]] bool is_penalised(Sources::Index source, Instant now) const noexcept {
    return source != Sources::kNone && now < sources[source].penalty_until;
  }
  // Would one more visit of this source be more than its share of the last second?
  [[nodiscard]] bool is_heavy(const Service& service, Sources::Index source, Instant now) {
    if (source == Sources::kNone) return false;
    const std::uint32_t active = sources.active(now) + (sources.is_active(source, now) ? 0 : 1);
    return sources[source].visits.count(now) + 1 > std::max(service.cps_rate / active, 1u);
  }
  [[nodiscard]] bool is_alone(Sources::Index source, const Prefix& prefix, Instant now) const noexcept {
    const std::uint32_t own = source == Sources::kNone ? 0 : sources[source].running;
    return running == own && !company.has_other(prefix, now - kCompanyMemory);
  }
};

// ---------------------------------------------------------------- Account

Account::Account() = default;
Account::Account(Account&&) noexcept = default;
Account& Account::operator=(Account&&) noexcept = default;
Account::~Account() = default;

std::uint32_t Account::running() const noexcept {
  return state_ ? state_->running : 0;
}

std::uint32_t Account::running_from(const Prefix& source) const noexcept {
  const Sources::Index index = state_ ? state_->sources.find(source) : Sources::kNone;
  return index == Sources::kNone ? 0 : state_->sources[index].running;
}

bool Account::is_over_source_rate(const Service& service, const Prefix& source, Instant now) const noexcept {
  if (service.source_rate == 0 || !state_) return false;
  const Sources::Index index = state_->sources.find(source);
  return index != Sources::kNone && !state_->sources[index].budget.has_room(service.source_rate, source_interval(service), now);
}

RateState Account::rate(const Service& service, const Prefix& source, Instant now) {
  if (service.cps_rate == 0 || !state_) return RateState::free;
  const RateBudget::Room room = state_->budget.room(service.cps_rate, now);
  if (closes(service)) return now >= state_->closed_until && room == RateBudget::Room::free ? RateState::free : RateState::shed;

  const Sources::Index index = state_->sources.find(source);
  if (state_->is_penalised(index, now) || room == RateBudget::Room::none) return RateState::shed;
  return room == RateBudget::Room::debt && state_->is_heavy(service, index, now) ? RateState::shed : RateState::free;
}

Account::Overload Account::note_shed(const Service& service, const Prefix& source, Instant now) {
  if (!state_) state_ = std::make_shared<State>();
  State& state = *state_;
  const Instant until = now + wait_of(service);
  Overload overload{.began = now >= state.overload_until, .penalised = true, .penalty_until = until};
  // With `wait` 0 nobody is penalised, and still the log is not to be flooded.
  if (overload.began) state.overload_until = std::max(until, now + kRateSecond);

  const Sources::Index index = state.sources.find(source);
  if (closes(service)) {
    if (now >= state.closed_until) {
      state.closed_until = until;
      state.rest = State::Rest{.at = now, .until = until, .source = source};
    }
    overload.penalty_until = state.closed_until;
  } else if (state.is_penalised(index, now)) {
    overload.penalty_until = state.sources[index].penalty_until;
  } else if (state.is_heavy(service, index, now)) {
    state.sources.punish(index, until);
    state.overload_until = std::max(state.overload_until, until);
    if (overload.began && service.cps_action == CpsAction::automatic && state.is_alone(index, source, now)) {
      // A short wait still leaves most of it for the rest.
      state.rest = State::Rest{.at = now + std::min(kRestDelay, wait_of(service) / 4), .until = until, .source = source};
    }
  } else {
    overload.penalised = false;
  }
  if (state.rest && now < state.rest->until) overload.rest_at = state.rest->at;
  return overload;
}

bool Account::should_rest(const Service& service, Instant now) const {
  if (!state_ || !state_->rest || service.cps_rate == 0) return false;
  if (!closes(service) && service.cps_action != CpsAction::automatic) return false;
  return now >= state_->rest->at && now < state_->rest->until;
}

// ---------------------------------------------------------------- Ticket

struct Ledger::Processes {
  std::uint32_t count = 0;
};

struct Ticket::Slot {
  std::shared_ptr<Account::State> account;
  std::shared_ptr<Ledger::Processes> processes;  // null: not a process
  Prefix prefix;
  Sources::Index source = Sources::kNone;

  Slot(std::shared_ptr<Account::State> of, std::shared_ptr<Ledger::Processes> counted, const Prefix& from, Sources::Index index)
      : account(std::move(of)), processes(std::move(counted)), prefix(from), source(index) {
    ++account->running;
    if (source != Sources::kNone) account->sources.begin_instance(source);
    if (processes) ++processes->count;
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() {
    REEVE_CHECK(account->running > 0);
    --account->running;
    if (source != Sources::kNone) account->sources.end_instance(source);
    if (processes) --processes->count;
  }
};

Ticket::Ticket() noexcept = default;
Ticket::Ticket(Ticket&& other) noexcept = default;
Ticket& Ticket::operator=(Ticket&& other) noexcept = default;
Ticket::~Ticket() = default;

Ticket::operator bool() const noexcept {
  return slot_ != nullptr;
}

const Prefix& Ticket::source() const noexcept {
  REEVE_CHECK(slot_);
  return slot_->prefix;
}

// ---------------------------------------------------------------- Ledger

Ledger::Ledger() : processes_(std::make_shared<Processes>()) {}
Ledger::~Ledger() = default;

Ticket Ledger::admit(Account& account, const Service& service, const Prefix& source, bool is_process, Instant now) {
  if (!account.state_) account.state_ = std::make_shared<Account::State>();
  Account::State& state = *account.state_;
  const Sources::Index index = state.sources.find_or_add(source, now);
  if (service.cps_rate != 0) {
    state.budget.book(service.cps_rate, now);
    if (index != Sources::kNone) state.sources.note_visit(index, now);
    state.company.note(source, now);
    if (state.rest && state.rest->source != source && !closes(service)) state.rest.reset();
  }
  if (service.source_rate != 0 && index != Sources::kNone) state.sources.book(index, service.source_rate, source_interval(service), now);
  Ticket ticket;
  ticket.slot_ = std::make_unique<Ticket::Slot>(account.state_, is_process ? processes_ : nullptr, source, index);
  return ticket;
}

Ticket Ledger::adopt(Account& account, const Prefix& source, bool is_process) {
  if (!account.state_) account.state_ = std::make_shared<Account::State>();
  const Sources::Index index = account.state_->sources.find_or_add(source, Instant::min());
  Ticket ticket;
  ticket.slot_ = std::make_unique<Ticket::Slot>(account.state_, is_process ? processes_ : nullptr, source, index);
  return ticket;
}

std::uint32_t Ledger::processes() const noexcept {
  return processes_->count;
}

}  // namespace reeve
