// The keeper: the process that keeps bans on disk, shares them with a fleet, takes them from lists, and tells others of them.
//
// It is an ordinary user without capabilities. Everything slow is here, so that it is not in the engine. What it does are its parts
// (KeeperPart), each of which hears all that the engine says and may answer; none of them waits for another.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/defence_message.h"
#include "defence/follower.h"

namespace reeve {

// What parts work with. Lives longer than they do.
struct KeeperDesk {
  Loop& loop;
  std::shared_ptr<DatagramLink> engine;
  const Configuration& configuration;

  template <class Message>
  bool send(const Message& message) const {
    return engine->send(as_bytes(message));
  }
  void say(Level level, std::string_view text) const { reeve::say(*engine, level, text); }
  void tell_state(std::string_view name, std::string_view text) const { reeve::tell_state(*engine, name, text); }
};

// A part of the keeper: the store, the fleet, the lists, the alerts.
class KeeperPart {
 public:
  virtual ~KeeperPart() = default;
  // After all parts were made.
  virtual void start() {}
  // What the engine says, in order: see base/defence_message.h. Between begin() and end() comes all that is in force.
  virtual void begin() {}
  virtual void take(const BanMessage& /*ban*/) {}
  virtual void end(std::uint64_t /*number*/) {}
  virtual void take(const LiftMessage& /*lift*/) {}
  virtual void guard(const std::vector<Prefix>& /*never*/) {}
  virtual void take(const EventMessage& /*event*/) {}
  // True: the question is this part's, and it answers.
  virtual bool ask(const AskMessage& /*question*/) { return false; }
  // The engine has ended: writes what is to be written, and returns soon.
  virtual void finish() {}
};

// The whole life of the process.
int run_keeper(Beginning beginning);

}  // namespace reeve
