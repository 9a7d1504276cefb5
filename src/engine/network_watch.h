// NetworkWatch: what the machine's network is now (base/local_network.h), for whoever must not ban a part of it.
//
// Addresses and interfaces that come or go are seen within a second. Gateways and name servers may change without such news:
// before a ban it looks again, if it has not looked for ten seconds.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "record/journal.h"
#include "sys/local_network.h"
#include "sys/loop.h"

namespace reeve {

class NetworkWatch {
 public:
  // Without a source nothing is known.
  NetworkWatch(Loop& loop, Journal& journal, std::optional<LocalNetworkSource> source)
      : loop_(loop), journal_(journal), source_(std::move(source)) {}

  // `changed` is called when it is another one than before.
  void start(std::function<void()> changed);
  void look(Instant now);
  void look_if_old(Instant now) {
    if (now - looked_ >= kOld) look(now);
  }
  [[nodiscard]] const LocalNetwork& network() const noexcept { return network_; }

 private:
  static constexpr std::chrono::seconds kOld{10};
  static constexpr std::chrono::seconds kSettle{1};  // changes come in bunches

  Task<> follow();

  Loop& loop_;
  Journal& journal_;
  std::optional<LocalNetworkSource> source_;
  std::function<void()> changed_;
  LocalNetwork network_;
  Instant looked_{};
};

}  // namespace reeve
