#include "simulate/simulation.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/check.h"
#include "policy/virtual_gate.h"
#include "simulate/event_queue.h"
#include "simulate/machine_load.h"
#include "simulate/random.h"
#include "simulate/source_addresses.h"
#include "simulate/tally.h"

namespace reeve {
namespace {

using std::chrono::nanoseconds;

constexpr Instant kBegin{};

// One person or program. Its randomness is a state of its own, which advances once a visit, whatever becomes of the visit.
struct Agent {
  std::uint64_t random = 0;
  std::uint32_t visits = 0;   // in this session, the present one not counted
  std::uint32_t session = 0;  // counted from 0
  std::uint32_t tries = 0;    // refusals of the present visit
  std::uint32_t served = 0, refused = 0;
};

class Simulation {
 public:
  Simulation(const Scenario& scenario, const ConfigurationRef& configuration, const std::vector<Targets>& targets)
      : scenario_(scenario),
        targets_(targets),
        gate_(configuration, scenario.process_limit),
        tally_(scenario, configuration->services.size()),
        load_(scenario.machine, kBegin),
        queue_(kBegin + scenario.duration),
        running_of_(configuration->services.size()) {}

  Outcome run() {
    begin();
    const Instant end = kBegin + scenario_.duration;
    std::uint64_t events = 0;
    for (EventQueue::Event event; queue_.pop(event); ++events) {
      now_ = event.at;
      if (load_.advance(now_, running_)) tally_.load(load_.average(), now_);
      if (event.is_end()) {
        end_visit(event.number());
      } else {
        come(event.number());
      }
    }
    note_sources();
    std::uint64_t bans_left = 0;
    while (const auto next = gate_.bans().next_expiry()) {
      if (*next > end) break;
      (void)gate_.bans().expire(end);
    }
    bans_left = gate_.bans().size();
    return tally_.finish(bans_left, events);
  }

 private:
  struct Crowd {
    const Population* population;
    SourceAddresses addresses;
    std::uint32_t first_agent;
    Instant until;
  };
  struct Running {
    Ticket ticket;
    std::uint32_t service = 0;
  };

  void begin() {
    std::uint64_t count = 0;
    for (const Population& population : scenario_.populations) count += population.agents();
    agents_.resize(count);
    std::uint32_t first = 0;
    for (std::size_t i = 0; i < scenario_.populations.size(); ++i) {
      const Population& population = scenario_.populations[i];
      const std::uint64_t seed = random_state(scenario_.seed, i);
      crowds_.push_back({&population, SourceAddresses(population, seed), first,
                         kBegin + std::min(population.until.value_or(scenario_.duration), scenario_.duration)});
      for (std::uint32_t agent = 0; agent < population.agents(); ++agent) {
        agents_[first + agent].random = random_state(seed, agent + 1);
        begin_session(crowds_.back(), first + agent);
      }
      first += static_cast<std::uint32_t>(population.agents());
    }
  }

  [[nodiscard]] std::size_t crowd_of(std::uint32_t agent) const {
    const auto behind = std::ranges::upper_bound(crowds_, agent, {}, &Crowd::first_agent);
    return static_cast<std::size_t>(behind - crowds_.begin()) - 1;
  }

  static nanoseconds scaled(nanoseconds time, double factor) {
    const double product = static_cast<double>(time.count()) * factor;
    return nanoseconds(static_cast<std::int64_t>(std::min(product, static_cast<double>(Duration::kLongest.count()))));
  }

  void schedule(const Crowd& crowd, std::uint32_t agent, Instant at) {
    if (at < crowd.until) queue_.push(EventQueue::agent_comes(agent, at));
  }

  // ---------------------------------------------------------------- when

  // The first visit of the agent's present session.
  void begin_session(const Crowd& crowd, std::uint32_t number) {
    const Population& population = *crowd.population;
    Agent& agent = agents_[number];
    agent.visits = 0;
    Instant at = kBegin + population.from;
    if (agent.session > 0) {
      if (agent.session > scenario_.duration / *population.every) return;
      at += agent.session * *population.every;
    }
    const double share = (static_cast<double>(number - crowd.first_agent) + 0.5) / static_cast<double>(population.agents());
    at += scaled(population.ramp, share);
    switch (population.arrival) {
      case Population::Arrival::poisson:
        at += interval(population, agent);
        break;
      case Population::Arrival::steady:
      case Population::Arrival::burst:
        at += scaled(population.interval, random_share(agent.random));
        break;
      case Population::Arrival::answers:
        at += scaled(population.round_trip, random_share(agent.random));
        break;
    }
    // A session that took longer than it should: the next one follows at once.
    schedule(crowd, number, agent.session > 0 ? std::max(at, now_ + population.round_trip) : at);
  }

  static nanoseconds interval(const Population& population, Agent& agent) {
    const Duration::Form form = population.arrival == Population::Arrival::poisson ? Duration::Form::exponential : Duration::Form::fixed;
    const nanoseconds drawn = Duration{.form = form, .typical = population.interval}.draw(agent.random);
    if (form == Duration::Form::fixed) (void)next_random(agent.random);
    return drawn;
  }

  // The present visit is over for the agent; it was answered at `answered`.
  void plan_next(const Crowd& crowd, std::uint32_t number, Instant answered, bool leaves) {
    const Population& population = *crowd.population;
    Agent& agent = agents_[number];
    agent.tries = 0;
    ++agent.visits;
    if (leaves || agent.visits >= population.visits) {
      if (!population.every) return;
      ++agent.session;
      return begin_session(crowd, number);
    }
    const nanoseconds pause = interval(population, agent);
    schedule(crowd, number, (population.arrival == Population::Arrival::answers ? answered : now_) + pause);
  }

  // ---------------------------------------------------------------- what

  void come(std::uint32_t number) {
    const std::size_t which = crowd_of(number);
    const Crowd& crowd = crowds_[which];
    const Population& population = *crowd.population;
    Agent& agent = agents_[number];
    // All that this attempt needs comes from a state beside the agent's own.
    std::uint64_t random = random_state(agent.random, 0);
    const std::uint32_t service = target(targets_[which], agent, random);
    random = random_state(random, agent.tries);
    const Instant answered = now_ + population.round_trip;
    if (service == kNoService) {
      tally_.found_closed(which);
      return plan_next(crowd, number, answered, false);
    }

    const std::uint32_t source = (number - crowd.first_agent) / population.behind;
    const Address address = population.hops ? crowd.addresses.neighbour(source, next_random(random)) : crowd.addresses.address(source);
    VirtualGate::Answer answer = gate_.visit(
        {.service = service, .source = address, .now = now_, .local = local_minute(), .load = load_.average(), .identity = &kNobody});
    if (answer.touch == Touch::banned) tally_.banned(which);
    if (answer.admitted()) {
      ++agent.served;
      return plan_next(crowd, number, answered + serve(which, service, std::move(answer.ticket), random), false);
    }
    REEVE_CHECK(answer.refusal() != nullptr);
    ++agent.refused;
    const bool retries = population.when_refused == Population::WhenRefused::retry && agent.tries < population.retries;
    tally_.refused(which, service, *answer.refusal(), !retries, now_);
    if (!retries) return plan_next(crowd, number, answered, population.when_refused == Population::WhenRefused::leave);
    ++agent.tries;
    schedule(crowd, number, now_ + population.retry_after);
  }

  static std::uint32_t target(const Targets& targets, const Agent& agent, std::uint64_t& random) {
    if (targets.up_to.empty()) return targets.services[agent.visits % targets.services.size()];
    const std::uint64_t drawn = random_below(random, targets.up_to.back());
    return targets.services[static_cast<std::size_t>(std::ranges::upper_bound(targets.up_to, drawn) - targets.up_to.begin())];
  }

  // How long it takes.
  nanoseconds serve(std::size_t which, std::uint32_t service, Ticket ticket, std::uint64_t& random) {
    const Population& population = *crowds_[which].population;
    nanoseconds takes = scaled(population.takes.draw(random), load_.slowness(running_ + 1));
    const bool is_slow = population.patience && takes > *population.patience;
    if (is_slow) takes = *population.patience;
    tally_.admitted(which, service, is_slow ? OutcomeTally::Fate::slow : OutcomeTally::Fate::served, now_);
    if (!ticket) return takes;  // a datagram
    std::uint32_t slot = 0;
    if (free_.empty()) {
      slot = static_cast<std::uint32_t>(visits_.size());
      visits_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    visits_[slot] = {std::move(ticket), service};
    queue_.push(EventQueue::visit_ends(slot, now_ + takes));
    ++running_;
    ++running_of_[service];
    tally_.running(service, running_of_[service], running_, now_);
    return takes;
  }

  void end_visit(std::uint32_t slot) {
    const std::uint32_t service = visits_[slot].service;
    visits_[slot].ticket = {};
    free_.push_back(slot);
    --running_;
    --running_of_[service];
    tally_.running(service, running_of_[service], running_, now_);
  }

  [[nodiscard]] LocalMinute local_minute() const {
    constexpr std::int64_t kDay = 24 * 60;
    const std::int64_t minutes = scenario_.start.minute_of_day + std::chrono::floor<std::chrono::minutes>(now_ - kBegin).count();
    return {.minute_of_day = static_cast<std::uint16_t>(minutes % kDay),
            .weekday = static_cast<std::uint8_t>((scenario_.start.weekday + minutes / kDay) % 7)};
  }

  void note_sources() {
    for (std::size_t which = 0; which < crowds_.size(); ++which) {
      const Crowd& crowd = crowds_[which];
      for (std::uint32_t source = 0; source < crowd.population->sources; ++source) {
        NotedSource noted;
        for (std::uint32_t i = 0; i < crowd.population->behind; ++i) {
          const Agent& agent = agents_[crowd.first_agent + source * crowd.population->behind + i];
          noted.served += agent.served;
          noted.refused += agent.refused;
        }
        if (noted.served + noted.refused == 0) continue;
        noted.address = crowd.addresses.address(source);
        tally_.is_noted(which, noted);
      }
    }
  }

  inline static const Identity kNobody{.name = {.state = HostName::State::none}, .user = {.state = RemoteUser::State::unknown}};

  const Scenario& scenario_;
  const std::vector<Targets>& targets_;
  VirtualGate gate_;
  OutcomeTally tally_;
  MachineLoad load_;
  EventQueue queue_;
  std::vector<Crowd> crowds_;
  std::vector<Agent> agents_;
  std::vector<Running> visits_;
  std::vector<std::uint32_t> free_, running_of_;
  std::uint32_t running_ = 0;
  Instant now_ = kBegin;
};

}  // namespace

Outcome simulate(const Scenario& scenario, const ConfigurationRef& configuration, const std::vector<Targets>& targets) {
  return Simulation(scenario, configuration, targets).run();
}

}  // namespace reeve
