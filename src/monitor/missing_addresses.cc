#include "monitor/missing_addresses.h"

#include <set>
#include <utility>

#include "sys/interfaces.h"

namespace reeve {

namespace {

// Addresses of one machine: the kernel takes all of 127/8 for it, too.
bool is_here(const Address& address, const std::set<Address>& own) {
  return own.contains(address) || (address.is_v4() && address.is_loopback());
}

void renew_membership(const Generation& generation, std::size_t place, DaemonLog& log) {
  const ListenerRef& listener = generation.listeners[place];
  if (!listener) return;
  const bool awaited = std::exchange(listener->awaits_network, !join_group(listener->fd.get(), listener->at));
  if (awaited == listener->awaits_network) return;
  const std::string who = "service " + std::string(generation.service_at(place).id);
  const std::string group = to_text(listener->at.address);
  log.say(Level::notice, who + (awaited ? " is a member of " + group + " now" : " has no way to the group " + group + " any more"));
}

}  // namespace

void MissingAddresses::look(const Generation& generation, DaemonLog& log) {
  std::map<Address, std::string> missing;
  std::set<Address> own;
  bool asked = false;
  Address last;
  for (std::size_t each = 0; each < generation.listeners.size(); ++each) {
    const Place& place = generation.configuration->places[each];
    if (place.is_unix() || place.address.is_unspecified()) continue;
    if (place.address.is_multicast()) {
      renew_membership(generation, each, log);
      continue;
    }
    if (place.address == last) continue;  // another port of the same
    last = place.address;
    if (!std::exchange(asked, true)) {
      for (const InterfaceAddress& one : interface_addresses()) own.insert(one.address);
    }
    if (!is_here(place.address, own)) missing.try_emplace(place.address, generation.service_at(each).id);
  }
  for (const auto& [address, service] : missing) {
    if (missing_.contains(address)) continue;
    log.say(Level::warning,
            "service " + service + ": this machine does not have the address " + to_text(address) + "; it is served as soon as it has");
  }
  for (const auto& [address, service] : missing_) {
    if (!missing.contains(address) && is_here(address, own))
      log.say(Level::notice, "service " + service + ": the address " + to_text(address) + " is here now");
  }
  missing_ = std::move(missing);
}

}  // namespace reeve
