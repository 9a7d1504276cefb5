#include "monitor/process_table.h"

#include "base/check.h"

namespace reeve {

void ProcessTable::count(std::uint32_t service, int change) noexcept {
  if (service == Process::kNoService) return;
  REEVE_CHECK(service < running_.size() && (change > 0 || running_[service] > 0));
  running_[service] += static_cast<std::uint32_t>(change);
}

bool ProcessTable::add(Process instance, std::size_t services) {
  if (running_.size() < services) running_.resize(services);
  if (by_pid_.contains(instance.pid) || !by_id_.try_emplace(instance.id, instance.pid).second) return false;
  count(instance.service, 1);
  const pid_t pid = instance.pid;
  by_pid_.emplace(pid, std::move(instance));
  return true;
}

Process* ProcessTable::find(InstanceId id) noexcept {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &by_pid_.at(found->second);
}

std::optional<Process> ProcessTable::take(pid_t pid) noexcept {
  auto node = by_pid_.extract(pid);
  if (node.empty()) return std::nullopt;
  by_id_.erase(node.mapped().id);
  count(node.mapped().service, -1);
  if (node.mapped().kill_at) {
    const auto [begin, end] = deadlines_.equal_range(*node.mapped().kill_at);
    for (auto at = begin; at != end; ++at) {
      if (at->second != pid) continue;
      deadlines_.erase(at);
      break;
    }
  }
  return std::move(node.mapped());
}

std::uint32_t ProcessTable::running(std::uint32_t service) const noexcept {
  return service < running_.size() ? running_[service] : 0;
}

void ProcessTable::for_each(const std::function<void(Process&)>& visit) {
  for (auto& [pid, instance] : by_pid_) visit(instance);
}

void ProcessTable::renumber(const std::vector<std::uint32_t>& continued_by, std::size_t services) {
  running_.assign(services, 0);
  for (auto& [pid, instance] : by_pid_) {
    if (instance.service != Process::kNoService) {
      instance.service = instance.service < continued_by.size() ? continued_by[instance.service] : Process::kNoService;
    }
    count(instance.service, 1);
  }
}

void ProcessTable::set_deadline(Process& instance, Instant kill_at) {
  if (instance.kill_at) return;
  instance.kill_at = kill_at;
  deadlines_.emplace(kill_at, instance.pid);
}

std::optional<Instant> ProcessTable::next_deadline() const noexcept {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

std::vector<pid_t> ProcessTable::take_overdue(Instant now) {
  std::vector<pid_t> overdue;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    overdue.push_back(deadlines_.begin()->second);
    deadlines_.erase(deadlines_.begin());
  }
  return overdue;
}

std::string ProcessTable::inconsistency() const {
  std::vector<std::uint32_t> counted(running_.size());
  for (const auto& [pid, instance] : by_pid_) {
    const auto named = by_id_.find(instance.id);
    if (named == by_id_.end() || named->second != pid) return "the instance of process " + std::to_string(pid) + " is not found by its id";
    if (instance.service == Process::kNoService) continue;
    if (instance.service >= counted.size()) return "process " + std::to_string(pid) + " belongs to no service";
    ++counted[instance.service];
  }
  if (by_id_.size() != by_pid_.size()) return "there are ids of instances that are gone";
  return counted == running_ ? "" : "the counts of running instances are wrong";
}

}  // namespace reeve
