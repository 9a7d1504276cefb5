#include "cli/top_model.h"

#include <algorithm>
#include <utility>

namespace reeve {

namespace {

double seconds_of(std::chrono::milliseconds span) noexcept {
  return std::chrono::duration<double>(span).count();
}

double growth(std::uint64_t before, std::uint64_t after, double seconds) noexcept {
  return after < before || seconds <= 0 ? 0 : static_cast<double>(after - before) / seconds;
}

}  // namespace

void CountRate::add(std::chrono::milliseconds at, std::uint64_t count) {
  if (!samples_.empty() && (count < samples_.back().count || at <= samples_.back().at)) samples_.clear();
  samples_.push_back({at, count});
  while (samples_.size() > 2 && samples_[0].at < at - kWindow) samples_.pop_front();
}

double CountRate::per_second() const noexcept {
  if (samples_.size() < 2) return 0;
  const Sample &first = samples_.front(), &last = samples_.back();
  return growth(first.count, last.count, seconds_of(last.at - first.at));
}

void TopModel::take(const Counts& counts) {
  const bool is_other_engine = !counts_ || counts_->engine_pid != counts.engine_pid || counts.at < counts_->at;
  if (is_other_engine) {
    for (auto& [id, line] : services_) line.admitted = line.refused = {};
    records_at_.reset();
  } else {
    const double seconds = seconds_of(counts.at - counts_->at);
    if (seconds > 0 && !trouble_) {
      history_.push_back({growth(counts_->admitted, counts.admitted, seconds), growth(counts_->refused, counts.refused, seconds)});
    }
  }
  if (history_.size() > kMostHistory) history_.pop_front();
  trouble_.reset();
  if (counts.items) {
    std::unordered_map<std::string, ServiceLine> services;
    for (const ServiceCount& item : *counts.items) {
      if (services.size() >= kMostServices) break;
      const auto known = services_.find(item.id);
      ServiceLine line = known == services_.end() ? ServiceLine() : std::move(known->second);
      line.admitted.add(counts.at, item.admitted);
      line.refused.add(counts.at, item.refused);
      line.count = item;
      services.insert_or_assign(item.id, std::move(line));
    }
    services_ = std::move(services);
  }
  counts_ = counts;
  counts_->items.reset();
}

void TopModel::take(const Happenings& happenings, std::optional<std::uint64_t> from) {
  if (!counts_) return;
  const std::chrono::milliseconds now = counts_->at;
  const bool is_past = !from || !records_at_;
  const std::chrono::milliseconds span = is_past ? std::chrono::milliseconds(0) : now - *records_at_;
  record_weight_ = 1;
  if (!is_past && happenings.records >= kMostRecords && happenings.next > *from + happenings.records)
    record_weight_ = static_cast<double>(happenings.next - *from) / static_cast<double>(happenings.records);
  sources_.take(happenings.visits, record_weight_, span, now);
  records_at_ = now;
}

void TopModel::lose(std::string why) {
  if (!trouble_ && counts_) history_.push_back({.is_gap = true});
  if (history_.size() > kMostHistory) history_.pop_front();
  trouble_ = std::move(why);
}

}  // namespace reeve
