#include "engine/monitor_answers.h"

namespace reeve {

void MonitorAnswers::come(std::uint64_t number, std::uint64_t value, std::vector<UniqueFd> descriptors) {
  const auto found = awaited_.find(number);
  if (found == awaited_.end()) return;
  MonitorAnswer& answer = *found->second;
  answer.value = value;
  answer.descriptors = std::move(descriptors);
  answer.came_ = true;
  answer.resume();
}

Task<> MonitorAnswers::expire(std::uint64_t number, Instant deadline) {
  co_await loop_.sleep_until(deadline);
  const auto found = awaited_.find(number);
  if (found != awaited_.end() && !found->second->came_) found->second->resume();
}

MonitorAnswer::MonitorAnswer(MonitorAnswers& table, Instant deadline) : table_(table), number_(table.next_++) {
  table_.awaited_.emplace(number_, this);
  table_.loop_.start(table_.expire(number_, deadline));
}

MonitorAnswer::~MonitorAnswer() {
  table_.awaited_.erase(number_);
}

}  // namespace reeve
