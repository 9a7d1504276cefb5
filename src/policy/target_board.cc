#include "policy/target_board.h"

namespace reeve {

TargetBoard::TargetBoard(const Redirect& redirect, const TargetBoard* before) {
  states_.reserve(redirect.targets.size());
  for (const Target& target : redirect.targets) {
    State state{.host = std::string(target.host), .port = target.port};
    if (before != nullptr) {
      for (const State& old : before->states_) {
        if (old.host != state.host || old.port != state.port) continue;
        state.is_down = old.is_down;  // its conversations are counted where they began
        state.rests_until = old.rests_until;
      }
    }
    states_.push_back(std::move(state));
  }
}

bool TargetBoard::is_of(const Redirect& redirect) const noexcept {
  if (redirect.targets.size() != states_.size()) return false;
  for (std::size_t each = 0; each < states_.size(); ++each) {
    if (redirect.targets[each].host != states_[each].host || redirect.targets[each].port != states_[each].port) return false;
  }
  return true;
}

std::optional<std::size_t> TargetBoard::choose(Balance balance, std::uint64_t tried, Instant now) noexcept {
  std::optional<std::size_t> best, best_resting;
  for (std::size_t each = 0; each < states_.size(); ++each) {
    const std::size_t candidate = (turn_ + each) % states_.size();
    if ((tried >> candidate & 1) != 0) continue;
    const State& state = states_[candidate];
    const bool rests = state.is_down && now < state.rests_until;
    std::optional<std::size_t>& leader = rests ? best_resting : best;
    if (!leader || (balance == Balance::least_connections && state.active < states_[*leader].active)) leader = candidate;
  }
  if (!best) best = best_resting;
  if (!best) return std::nullopt;
  State& chosen = states_[*best];
  if (chosen.is_down) chosen.rests_until = now + kRest;  // this visitor tries it, for all
  turn_ = (*best + 1) % states_.size();
  return best;
}

bool TargetBoard::note_failure(std::size_t target, Instant now) noexcept {
  State& state = states_[target];
  state.rests_until = now + kRest;
  return !std::exchange(state.is_down, true);
}

bool TargetBoard::note_answer(std::size_t target) noexcept {
  return std::exchange(states_[target].is_down, false);
}

}  // namespace reeve
