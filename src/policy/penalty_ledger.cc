#include "policy/penalty_ledger.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace reeve {

namespace {

// Less is nothing.
constexpr double kForgotten = 1.0 / 64;
// What powers and logarithms of two get wrong is less.
constexpr double kRounding = 1e-6;

}  // namespace

std::string Sentence::reason() const {
  std::string text = "penalties " + std::to_string(score) + ":";
  for (std::size_t each = 0; each < kOffences; ++each) {
    if (offences[each] == 0) continue;
    text += ' ';
    text += to_text(static_cast<Offence>(each));
    text += ' ' + std::to_string(offences[each]);
  }
  return text;
}

PenaltyLedger::PenaltyLedger(std::size_t capacity) : capacity_(capacity) {
  REEVE_CHECK(capacity > 0 && capacity < UINT32_MAX);
}

void PenaltyLedger::set_terms(const PenaltyTerms& terms) {
  if (terms.half_life != terms_.half_life || !terms.are_on()) {
    by_prefix_.clear();
    cells_.clear();
    free_.clear();
    heap_.clear();
  }
  terms_ = terms;
  is_on_ = terms.are_on();
}

double PenaltyLedger::score_of(const Cell& cell, Instant now) const noexcept {
  const std::chrono::duration<double> until_one = cell.one_at - now;
  const std::chrono::duration<double> half_life = terms_.half_life;
  return std::exp2(until_one / half_life);
}

std::optional<Sentence> PenaltyLedger::note(const Prefix& source, Offence offence, Instant now) {
  const std::uint32_t points = terms_.score[static_cast<std::size_t>(offence)];
  if (!is_on_ || points == 0) return std::nullopt;
  while (!heap_.empty() && score_of(cells_[heap_.front()], now) < kForgotten) remove(heap_.front());

  const auto known = by_prefix_.find(source);
  if (!known && by_prefix_.size() >= capacity_) remove(heap_.front());
  const Index index = known ? *known : take_cell();
  Cell& cell = cells_[index];
  double score = points;
  if (known) {
    score += score_of(cell, now);
    heap_.remove(cells_, index);
  } else {
    cell = {.prefix = source, .one_at = now};
    by_prefix_.insert(source, index);
  }
  std::uint32_t& count = cell.offences[static_cast<std::size_t>(offence)];
  if (count < UINT32_MAX) ++count;
  if (score + kRounding >= terms_.limit) {
    const Sentence sentence{.score = static_cast<std::uint32_t>(score + kRounding), .offences = cell.offences};
    remove(index);
    return sentence;
  }
  const std::chrono::duration<double> half_life = terms_.half_life;
  cell.one_at = now + std::chrono::duration_cast<std::chrono::nanoseconds>(half_life * std::log2(score));
  heap_.push(cells_, index);
  return std::nullopt;
}

double PenaltyLedger::score(const Prefix& source, Instant now) const noexcept {
  const auto known = by_prefix_.find(source);
  return known ? score_of(cells_[*known], now) : 0;
}

std::optional<Sentence> PenaltyLedger::account(const Prefix& source, Instant now) const noexcept {
  const auto known = by_prefix_.find(source);
  if (!known) return std::nullopt;
  const Cell& cell = cells_[*known];
  return Sentence{.score = static_cast<std::uint32_t>(score_of(cell, now) + kRounding), .offences = cell.offences};
}

void PenaltyLedger::remove(Index index) {
  heap_.remove(cells_, index);
  by_prefix_.erase(cells_[index].prefix);
  free_.push_back(index);
}

PenaltyLedger::Index PenaltyLedger::take_cell() {
  if (free_.empty()) {
    cells_.emplace_back();
    return static_cast<Index>(cells_.size() - 1);
  }
  const Index index = free_.back();
  free_.pop_back();
  return index;
}

}  // namespace reeve
