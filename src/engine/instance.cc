#include "engine/instance.h"

namespace reeve {

Instance::Instance(Instances& table, InstanceId id_given, PostRef post_given, std::optional<Endpoint> source_given, Instant since_given)
    : id(id_given), post(std::move(post_given)), source(std::move(source_given)), since(since_given), table_(table) {
  table_.living_.emplace(id, this);
}

Instance::~Instance() {
  table_.living_.erase(id);
}

bool Instances::tell(InstanceId id, News news, UniqueFd returned) {
  const auto found = living_.find(id);
  if (found == living_.end()) return false;
  Instance& instance = *found->second;
  instance.news_ = news;
  instance.returned = std::move(returned);
  if (instance.waiter_) std::exchange(instance.waiter_, {}).resume();
  return true;
}

Instance* Instances::find(InstanceId id) const noexcept {
  const auto found = living_.find(id);
  return found == living_.end() ? nullptr : found->second;
}

std::vector<InstanceId> Instances::ids() const {
  std::vector<InstanceId> ids;
  ids.reserve(living_.size());
  for (const auto& [id, instance] : living_) ids.push_back(id);
  return ids;
}

void Instances::for_each(const std::function<void(Instance&)>& visit) {
  // A visit may end instances: walk over a copy of the ids.
  for (const InstanceId id : ids()) {
    const auto found = living_.find(id);
    if (found != living_.end()) visit(*found->second);
  }
}

}  // namespace reeve
