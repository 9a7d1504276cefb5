// Control: the control socket (docs/control.md): accepts its peers, finds out their roles, and answers their requests.
//
// The monitor gives the listener. Whoever may ask nothing gets one line and is closed, nothing is read from him.
//
// Bounds: kMaxSessions peers at once, of them kMaxReaders who may only look; the last kReserved are for root and the user
// of the daemon. When there is no room, the one who has asked nothing for longest, at least kSettled, has to go;
// root makes room for himself only. Requests are paced by user (control/pace.h), those that go through
// whole tables once more, so that who asks in a loop costs the served little. Lines are bounded (control/line_buffer.h).
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "base/message.h"
#include "base/unique_fd.h"
#include "control/pace.h"
#include "engine/control_desk.h"

namespace reeve {

class Control {
 public:
  static constexpr std::size_t kMaxSessions = 64, kMaxReaders = 24, kReserved = 16;
  static constexpr std::chrono::seconds kSettled{1};

  Control(ControlDesk desk, std::uint32_t daemon_uid) : desk_(desk), daemon_uid_(daemon_uid) {}

  void take(const ControlMessage& message, std::vector<UniqueFd> descriptors);

 private:
  Task<> accept_peers(UniqueFd listener, std::uint32_t turn);
  void receive(UniqueFd connection);
  [[nodiscard]] bool has_room_for(Role role, std::uint32_t uid);
  Task<> wait_for_turn(Instant turn);
  Task<> serve(UniqueFd connection, Peer peer, Role role);
  void note_operator(const Request& request);
  Task<bool> answer(ControlSession& session, std::string line);

  ControlDesk desk_;
  std::uint32_t daemon_uid_;
  std::vector<ControlSession*> sessions_;
  Pace pace_{50, 50};
  std::map<const ControlVerb*, Pace> overview_paces_;
  std::uint32_t turn_ = 0;      // counts listeners: who accepts from an older one ends
  Watch* listening_ = nullptr;  // that of the present one
};

}  // namespace reeve
