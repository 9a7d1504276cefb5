// Resolver: names of addresses and addresses of names, as nsswitch.conf(5) orders it: hosts(5), DNS.
//
// Used by the engine only, on its loop; nothing blocks. Each question is answered within kLookupDeadline (to a tenth of a
// second), equal questions share one look-up, and answers are remembered for their TTL: those that could not be had for
// kFailureHolds, those of hosts(5) until it changes. A name is confirmed only if it leads back to the address.
//
// Bounds: kMaxLookups under way (what is more fails at once), kMaxRemembered answers of each kind (the oldest goes).
// Costs nothing before the first question. Other sources of nsswitch.conf(5) (nis, mdns, myhostname) are not asked.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/identity.h"
#include "sys/dns_channel.h"
#include "sys/host_databases.h"
#include "sys/loop.h"
#include "sys/timed_cache.h"

namespace reeve {

struct HostAddresses {
  DnsAnswer::Status status = DnsAnswer::Status::failed;  // found, none, failed
  std::vector<Address> addresses;
  Instant until{};  // how long it may be relied on
};

class Resolver {
 public:
  static constexpr std::chrono::seconds kLookupDeadline{2};
  static constexpr std::chrono::seconds kFailureHolds{5};
  static constexpr std::size_t kMaxLookups = 512;
  static constexpr std::size_t kMaxRemembered = 4096;

  struct Settings {
    std::string hosts = "/etc/hosts", nsswitch = "/etc/nsswitch.conf", resolv_conf = "/etc/resolv.conf";
    std::string servers;  // instead of those of resolv_conf: "127.0.0.1:5353"
  };
  Resolver(Loop& loop, Settings settings);

  [[nodiscard]] Task<HostName> name_of(Address address);
  // IPv4 addresses first.
  [[nodiscard]] Task<HostAddresses> addresses_of(std::string name);

  [[nodiscard]] std::size_t under_way() const noexcept { return naming_.size() + addressing_.size(); }

 private:
  enum class Family : std::uint8_t { v4, v6 };
  using NameKey = std::pair<std::string, Family>;

  // One look-up and those who wait for it.
  template <class Value>
  struct Shared {
    Value value;
    bool done = false;
    std::vector<std::coroutine_handle<>> waiters;
  };
  template <class Value>
  class Joining;
  template <class Value>
  static void finish(Shared<Value>& shared, Value value);

  Task<HostAddresses> addresses_in(std::string name, Family family, Instant deadline);
  Task<> look_up_name(Address address, std::shared_ptr<Shared<HostName>> shared);
  Task<> look_up_addresses(NameKey key, Instant deadline, std::shared_ptr<Shared<HostAddresses>> shared);
  void refresh(Instant now);

  Loop& loop_;
  HostDatabases databases_;
  DnsChannel channel_;
  std::map<Address, std::shared_ptr<Shared<HostName>>> naming_;
  std::map<NameKey, std::shared_ptr<Shared<HostAddresses>>> addressing_;
  TimedCache<Address, HostName> names_{kMaxRemembered};
  TimedCache<NameKey, HostAddresses> addresses_{kMaxRemembered};
};

}  // namespace reeve
