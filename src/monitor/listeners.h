// Listeners of a configuration: opens those that a plan asks for and takes over the others.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "config/plan.h"
#include "config/service.h"
#include "sys/inherited_sockets.h"
#include "sys/listeners.h"

namespace reeve {

class StreamGuards;

// One listening socket. Shared by the generations that use it, and by the server that was given it.
struct Listener {
  Listener(BoundListener bound, ListenAt place)
      : fd(std::move(bound.fd)), at(std::move(place)), file(bound.file), awaits_network(bound.awaits_network) {}
  ~Listener() { remove_unix(at.path, file); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  UniqueFd fd;
  ListenAt at;
  FileIdentity file;            // of a unix socket, removed with it
  bool awaits_network = false;  // see BoundListener
  bool filtered = false;        // see StreamGuards
  bool closed = false;          // nobody may come (access_times), likewise
  bool resting = false;
  bool lent = false;  // to the server of a `wait = yes` service
};
using ListenerRef = std::shared_ptr<Listener>;

[[nodiscard]] ListenAt listen_at(const Service& service, const Place& place);

struct OpenedListeners {
  std::vector<ListenerRef> of_place;  // nullptr: no listener
  // For people, each with the place in the configuration: what could not be opened...
  std::vector<std::string> failures;
  // ...and what could not be before either, so that nothing is lost by it.
  std::vector<std::string> still_failing;
  // For people too: ports of ranges that other programs have.
  std::vector<std::string> left_out;
};

// `old`: those of the configuration that the plan starts from. Opens all it can; the caller decides what a
// failure means. `inherited`: sockets that the daemon was started with, of which services take theirs. At most `budget` new descriptors are
// used: what is left out then is one failure.
[[nodiscard]] OpenedListeners open_listeners(const Configuration& wanted, const Plan& plan, const std::vector<ListenerRef>& old,
                                             std::size_t budget, InheritedSockets& inherited, const StreamGuards& guards);

// " [file=PATH] [line=N]", empty for no place.
[[nodiscard]] std::string place(const Configuration& configuration, Where where);

}  // namespace reeve
