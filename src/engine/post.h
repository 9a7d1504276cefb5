// Post: a configured service at work in the engine: its counts, its state. Door: one of its listeners.
//
// A Post outlives reloads: when a new configuration continues the service, the Post gets the new Service
// and goes on. It is shared by the table of posts and by the instances that it admitted, so it may be
// retired (its service is gone from the configuration) while an instance still runs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/message.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "config/service.h"
#include "policy/ledger.h"
#include "policy/target_board.h"

namespace reeve {

struct Post {
  ConfigurationRef configuration;
  std::uint32_t index = 0;       // into configuration->services
  std::uint32_t generation = 0;  // of the configuration, as the monitor counts
  std::uint32_t log_file = 0;    // into the journal's files, when the service logs to a file
  bool retired = false;
  Held held = Held::no;  // by the operator, see engine/holding.h
  bool said_not_served = false;
  Account account;
  std::shared_ptr<TargetBoard> targets;  // redirect: how its targets are; since its first visit

  // Datagrams of one client in a row are one START line a minute, as in xinetd.
  Address last_logged;
  Instant last_logged_at{};

  std::uint64_t admitted = 0;
  std::array<std::uint32_t, kReasons> refused{};  // by Reason
  std::uint64_t all_refused = 0;
  std::optional<Reason> last_refusal;

  void count_refusal(Reason reason) noexcept {
    ++refused[static_cast<std::size_t>(reason)];
    ++all_refused;
    last_refusal = reason;
  }
  [[nodiscard]] const Service& service() const noexcept { return configuration->services[index]; }
};

using PostRef = std::shared_ptr<Post>;

// A Door outlives reloads too: a place of the new configuration with the same socket has it, maybe for another service.
struct Door {
  PostRef post;
  UniqueFd listener;                 // invalid: could not be opened
  std::uint32_t place = kNoPlace;    // into configuration->places; kNoPlace: it is gone
  std::uint32_t watch = UINT32_MAX;  // where Doors keeps it; UINT32_MAX: not watched
  std::uint32_t tenure = 0;          // counts services: who waits for an older one lets go
  bool occupied = false;             // wait = yes: a server holds the listener
  bool guarded = false;              // a filter of ours is on it, see engine/door_guard.h
  struct {
    std::uint32_t generation = 0, bans = 0;  // of what the monitor was asked for last; 0: nothing
    bool is_open = true;
  } stream_guard;
  bool resting = false;           // cps: the listener does not listen (see policy/ledger.h)
  std::uint8_t young_deaths = 0;  // wait = yes: servers that ended at once, in a row
};

using DoorRef = std::shared_ptr<Door>;

}  // namespace reeve
