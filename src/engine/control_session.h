// ControlSession: one peer of the control socket while it is connected.
//
// Its answers are written into `out` and sent by flush(), so that what a slow peer can hold is bounded: who writes a long
// answer asks is_due() after each item and then breathes, which sends what there is and lets the loop serve others. A
// peer that does not take its answer within kPatience is gone.
#pragma once

#include <string>

#include "base/unique_fd.h"
#include "control/line_buffer.h"
#include "control/request.h"
#include "control/role.h"
#include "sys/loop.h"

namespace reeve {

class ControlSession {
 public:
  // How long an answer may keep the loop, and how much of it waits to be sent.
  static constexpr std::chrono::microseconds kSlice{50};
  static constexpr std::size_t kMostQueued = 16384;
  static constexpr std::chrono::seconds kPatience{10};  // for a peer that reads nothing
  static constexpr std::chrono::seconds kIdle{60};      // for one that asks nothing

  ControlSession(Loop& loop, UniqueFd connection, Peer its_peer, Role its_role);
  ControlSession(const ControlSession&) = delete;
  ControlSession& operator=(const ControlSession&) = delete;

  const Peer peer;
  const Role role;
  std::string out;  // what is to be sent

  void fail(const Request& request, const ControlFailure& failure);

  void begin_slice() noexcept;
  [[nodiscard]] bool is_due() noexcept;
  // Sends `out`, and lets others have their turn. False: the peer is gone.
  Task<bool> breathe();
  Task<bool> flush();
  // Reads once. False: nothing more will come.
  Task<bool> read(LineBuffer& lines);

  // Waits until the peer is readable or somebody calls wake(); false when it is gone or sent something, which ends an
  // answer that has no end of its own.
  Task<bool> rest(Instant until);
  void wake() noexcept;

  // It has closed its end, or all of the connection.
  [[nodiscard]] bool is_peer_gone() const noexcept;
  // For an answer without an end: the peer may look at it for an hour without taking more.
  void be_patient() noexcept { patience_ = std::chrono::hours(1); }

  // For who needs its place: since when it has asked nothing; nullopt: it is being answered.
  [[nodiscard]] std::optional<Instant> idle_since() const noexcept { return idle_since_; }
  void end() noexcept;
  [[nodiscard]] bool is_ended() const noexcept { return ended_; }

 private:
  Loop& loop_;
  UniqueFd connection_;
  Watch watch_;
  std::optional<Instant> idle_since_;
  Instant slice_began_{};
  std::chrono::seconds patience_ = kPatience;
  unsigned unlooked_ = 0;
  bool ended_ = false;
};

}  // namespace reeve
