#include "monitor/rpc_services.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sys/listeners.h"

namespace reeve {

namespace {

constexpr std::uint8_t kTcp = 6;
constexpr std::size_t kNamed = 20;

RpcTransport transport_of(const Service& service, const Address& address) noexcept {
  const bool v4 = address.is_v4();
  if (service.protocol == kTcp) return v4 ? RpcTransport::tcp : RpcTransport::tcp6;
  return v4 ? RpcTransport::udp : RpcTransport::udp6;
}

std::string list_of(const std::set<std::string>& names) {
  std::string text;
  std::size_t count = 0;
  for (const std::string& name : names) {
    if (count++ == kNamed) return text + fmt::format(" and {} more", names.size() - kNamed);
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace

void RpcServices::serve(const Generation& generation, Instant now) {
  if (leaving_) return;
  configuration_ = generation.configuration;
  wanted_.clear();
  for (std::size_t each = 0; each < configuration_->places.size(); ++each) {
    const std::uint32_t index = configuration_->places[each].service;
    const Service& service = configuration_->services[index];
    if (service.rpc == nullptr || !generation.listeners[each]) continue;
    for (const Endpoint& address : bound_endpoints(generation.listeners[each]->fd.get())) {
      for (std::uint64_t version = service.rpc->first_version; version <= service.rpc->last_version; ++version) {
        const RpcKey key{service.rpc->number, static_cast<std::uint32_t>(version), transport_of(service, address.address)};
        const auto [place, is_new] = wanted_.emplace(key, Wanted{address, index});
        // Of several addresses of one service the first is told.
        if (is_new || place->second.service == index) continue;
        log_.say(Level::error, fmt::format("service {}: version {} of RPC program {} ({}) is that of service {} already{}", service.id,
                                           version, key.program, to_text(key.transport), name_of(key),
                                           reeve::place(*configuration_, configuration_->where_of(service, "rpc_version"))));
      }
    }
  }
  pause_ = std::chrono::seconds(1);
  begin(now);
}

void RpcServices::retract(Instant now) {
  leaving_ = true;
  wanted_.clear();
  if (errand_) {
    // Whatever it is about, it is not wanted any more.
    send_signal(errand_->pid(), SIGKILL);
    again_ = true;
  } else {
    begin(now);
  }
}

void RpcServices::begin(Instant now) {
  if (errand_) {
    again_ = true;
    return;
  }
  again_ = false;
  due_.reset();
  std::vector<RpcJob> jobs;
  for (const auto& [key, address] : ours_) {
    if (!wanted_.contains(key)) jobs.push_back({key, std::nullopt, address});
  }
  for (const auto& [key, wanted] : wanted_) {
    const auto former = ours_.find(key);
    jobs.push_back({key, wanted.address, former == ours_.end() ? std::nullopt : std::optional(former->second)});
  }
  if (jobs.empty()) return;
  auto begun = RpcErrand::begin(std::move(jobs));
  if (!begun) {
    complain({trouble_text(begun.error().text())});
    if (!leaving_) due_ = now + pause_;
    return;
  }
  errand_.emplace(std::move(*begun));
  due_ = now + (leaving_ ? kFarewell : kPatience);
}

void RpcServices::deadline_passed(Instant now) {
  due_.reset();
  if (errand_) {
    send_signal(errand_->pid(), SIGKILL);
  } else if (!leaving_) {
    begin(now);
  }
}

bool RpcServices::reaped(const Reaped& reaped, Instant now) {
  if (!errand_ || errand_->pid() != reaped.pid) return false;
  take_news(reaped.wait_status);
  errand_.reset();
  due_.reset();
  if (again_) {
    begin(now);
  } else if (!leaving_ && !wanted_.empty()) {
    due_ = now + pause_;
  }
  return true;
}

void RpcServices::take_news(int wait_status) {
  const bool killed = WIFSIGNALED(wait_status);
  std::set<std::string> complaints, registered;
  for (std::size_t each = 0; each < errand_->jobs().size(); ++each) {
    const RpcJob& job = errand_->jobs()[each];
    const RpcOutcome outcome = errand_->outcome(each);
    if (!job.wanted) {
      if (outcome == RpcOutcome::withdrawn) ours_.erase(job.key);
      continue;
    }
    // Of what the child was killed over nobody knows whether it was done.
    const bool is_ours = outcome == RpcOutcome::registered || outcome == RpcOutcome::stands || (outcome == RpcOutcome::unknown && killed);
    if (is_ours) ours_.insert_or_assign(job.key, *job.wanted);
    const std::string_view transport = to_text(job.key.transport);
    if (outcome == RpcOutcome::registered) {
      registered.insert(fmt::format("{} (program {}, {} port {})", name_of(job.key), job.key.program, transport, job.wanted->port));
    }
    if (outcome != RpcOutcome::taken && outcome != RpcOutcome::refused) continue;
    const std::string what = fmt::format("service {} is not registered: version {} of RPC program {} ({})", name_of(job.key),
                                         job.key.version, job.key.program, transport);
    complaints.insert(outcome == RpcOutcome::taken ? fmt::format("{} is another program's, on port {}", what, errand_->other_port(each))
                                                   : what + " is somebody else's, who has another user than we");
  }
  if (!registered.empty()) log_.say(Level::info, "registered with rpcbind: " + list_of(registered));
  if (killed && again_) return;  // by retract
  std::string trouble = errand_->trouble();
  if (killed) trouble = fmt::format("no answer within {} seconds", (leaving_ ? kFarewell : kPatience).count());
  if (!trouble.empty()) complaints.insert(trouble_text(trouble));
  complain(std::move(complaints));
}

// Each complaint once, until it does not hold any more.
void RpcServices::complain(std::set<std::string> complaints) {
  for (const std::string& one : complaints) {
    if (!said_.contains(one)) log_.say(Level::error, one);
  }
  pause_ = complaints.empty() ? kLookAgain : std::min(pause_ * 2, kLookAgain);
  said_ = std::move(complaints);
}

std::string RpcServices::trouble_text(const std::string& why) const {
  std::set<std::string> names;
  for (const auto& [key, wanted] : wanted_) names.insert(std::string(configuration_->services[wanted.service].id));
  if (names.empty()) return "rpcbind: " + why + "; what was registered there stays";
  return "rpcbind: " + why + "; tried again, meanwhile served without being registered: " + list_of(names);
}

std::string RpcServices::name_of(const RpcKey& key) const {
  const auto found = wanted_.find(key);
  return found == wanted_.end() ? std::string("?") : std::string(configuration_->services[found->second.service].id);
}

}  // namespace reeve
