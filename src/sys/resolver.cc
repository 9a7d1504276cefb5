#include "sys/resolver.h"

#include <algorithm>

#include "base/host_name.h"
#include "sys/clock.h"

namespace reeve {
namespace {

// Names of one address that are led back; further ones count as claims.
constexpr std::size_t kMaxConfirmations = 5;
// What hosts(5) says holds until the file changes, which clears the caches.
constexpr std::chrono::hours kFileHolds{1};
constexpr std::chrono::hours kLongest{24};

Instant end_of(std::chrono::seconds ttl, Instant now) noexcept {
  return now + std::min<std::chrono::seconds>(ttl, kLongest);
}

bool holds(const HostAddresses& forward, const Address& address) noexcept {
  return std::ranges::find(forward.addresses, address) != forward.addresses.end();
}

}  // namespace

template <class Value>
class Resolver::Joining {
 public:
  explicit Joining(std::shared_ptr<Shared<Value>> shared) noexcept : shared_(std::move(shared)) {}
  [[nodiscard]] bool await_ready() const noexcept { return shared_->done; }
  void await_suspend(std::coroutine_handle<> waiter) { shared_->waiters.push_back(waiter); }
  [[nodiscard]] Value await_resume() const { return shared_->value; }

 private:
  std::shared_ptr<Shared<Value>> shared_;
};

template <class Value>
void Resolver::finish(Shared<Value>& shared, Value value) {
  shared.value = std::move(value);
  shared.done = true;
  for (const auto waiter : std::exchange(shared.waiters, {})) waiter.resume();
}

Resolver::Resolver(Loop& loop, Settings settings)
    : loop_(loop),
      databases_(std::move(settings.hosts), std::move(settings.nsswitch)),
      channel_(loop, std::move(settings.resolv_conf), std::move(settings.servers)) {}

void Resolver::refresh(Instant now) {
  if (!databases_.refresh(now)) return;
  names_.clear();
  addresses_.clear();
}

Task<HostName> Resolver::name_of(Address address) {
  const Instant now = instant_now();
  refresh(now);
  HostName result;
  if (const HostName* known = names_.find(address, now)) {
    result = *known;
    co_return result;
  }
  std::shared_ptr<Shared<HostName>> shared;
  if (const auto found = naming_.find(address); found != naming_.end()) {
    shared = found->second;
  } else if (under_way() < kMaxLookups) {
    shared = std::make_shared<Shared<HostName>>();
    naming_.emplace(address, shared);
    loop_.start(look_up_name(address, shared));
  } else {
    result.state = HostName::State::failed;
    co_return result;
  }
  Joining<HostName> joining(std::move(shared));
  result = co_await joining;
  co_return result;
}

Task<> Resolver::look_up_name(Address address, std::shared_ptr<Shared<HostName>> shared) {
  const Instant deadline = instant_now() + kLookupDeadline;
  const Family family = address.is_v4() ? Family::v4 : Family::v6;
  const std::vector<HostSource> order = databases_.order();
  HostName result;
  result.state = HostName::State::none;
  Instant until = instant_now() + kFileHolds;
  for (const HostSource source : order) {
    if (source == HostSource::files) {
      const auto line = databases_.hosts().names.find(address);
      if (line == databases_.hosts().names.end()) continue;
      result = {.state = HostName::State::confirmed, .name = line->second.front()};
      result.claims.assign(line->second.begin() + 1, line->second.end());
      until = instant_now() + kFileHolds;
      break;
    }
    const std::string question = reverse_name(address);
    const DnsAnswer reverse = co_await channel_.ask(question, DnsType::ptr, deadline);
    if (reverse.status != DnsAnswer::Status::found) {
      const bool failed = reverse.status == DnsAnswer::Status::failed;
      result.state = failed ? HostName::State::failed : HostName::State::none;
      until = end_of(failed ? kFailureHolds : reverse.ttl, instant_now());
      continue;
    }
    result.state = HostName::State::unconfirmed;
    until = end_of(reverse.ttl, instant_now());
    bool failed = false;
    for (std::size_t each = 0; each < reverse.names.size(); ++each) {
      std::string name = reverse.names[each];
      HostAddresses forward;
      if (each < kMaxConfirmations) {
        forward = co_await addresses_in(name, family, deadline);
        failed = failed || forward.status == DnsAnswer::Status::failed;
        until = std::min(until, forward.until);
      }
      if (!holds(forward, address)) {
        result.claims.push_back(std::move(name));
      } else if (result.state != HostName::State::confirmed) {
        result.state = HostName::State::confirmed;
        result.name = std::move(name);
      } else {
        result.others.push_back(std::move(name));
      }
    }
    if (failed && result.state != HostName::State::confirmed) result.state = HostName::State::failed;
    break;
  }
  if (until > instant_now()) names_.put(address, result, until);
  naming_.erase(address);
  finish(*shared, std::move(result));
}

Task<HostAddresses> Resolver::addresses_of(std::string name) {
  const Instant now = instant_now();
  refresh(now);
  const Instant deadline = now + kLookupDeadline;
  HostAddresses result = co_await addresses_in(name, Family::v4, deadline);
  HostAddresses more = co_await addresses_in(name, Family::v6, deadline);
  result.addresses.insert(result.addresses.end(), more.addresses.begin(), more.addresses.end());
  result.until = std::min(result.until, more.until);
  const auto is_either = [&](DnsAnswer::Status status) { return result.status == status || more.status == status; };
  if (!result.addresses.empty()) {
    result.status = DnsAnswer::Status::found;
  } else {
    result.status = is_either(DnsAnswer::Status::failed) ? DnsAnswer::Status::failed : DnsAnswer::Status::none;
  }
  co_return result;
}

Task<HostAddresses> Resolver::addresses_in(std::string name, Family family, Instant deadline) {
  const Instant now = instant_now();
  NameKey key(folded_host_name(name), family);
  HostAddresses result;
  if (const HostAddresses* known = addresses_.find(key, now)) {
    result = *known;
    co_return result;
  }
  std::shared_ptr<Shared<HostAddresses>> shared;
  if (const auto found = addressing_.find(key); found != addressing_.end()) {
    shared = found->second;
  } else if (under_way() < 2 * kMaxLookups) {  // whoever looks up a name needs these to end
    shared = std::make_shared<Shared<HostAddresses>>();
    addressing_.emplace(key, shared);
    loop_.start(look_up_addresses(std::move(key), deadline, shared));
  } else {
    result.until = now;
    co_return result;
  }
  Joining<HostAddresses> joining(std::move(shared));
  result = co_await joining;
  co_return result;
}

Task<> Resolver::look_up_addresses(NameKey key, Instant deadline, std::shared_ptr<Shared<HostAddresses>> shared) {
  const bool v4 = key.second == Family::v4;
  const DnsType type = v4 ? DnsType::a : DnsType::aaaa;
  const std::vector<HostSource> order = databases_.order();
  HostAddresses result;
  result.status = DnsAnswer::Status::none;
  result.until = instant_now() + kFileHolds;
  for (const HostSource source : order) {
    if (source == HostSource::files) {
      const auto line = databases_.hosts().addresses.find(key.first);
      if (line == databases_.hosts().addresses.end()) continue;
      for (const Address& address : line->second) {
        if (address.is_v4() == v4) result.addresses.push_back(address);
      }
      if (result.addresses.empty()) continue;
      result.status = DnsAnswer::Status::found;
      result.until = instant_now() + kFileHolds;
      break;
    }
    const DnsAnswer answer = co_await channel_.ask(key.first, type, deadline);
    result.status = answer.status;
    result.addresses = answer.addresses;
    result.until = end_of(answer.status == DnsAnswer::Status::failed ? kFailureHolds : answer.ttl, instant_now());
    if (result.status == DnsAnswer::Status::found) break;
  }
  if (result.until > instant_now()) addresses_.put(key, result, result.until);
  addressing_.erase(key);
  finish(*shared, std::move(result));
}

}  // namespace reeve
