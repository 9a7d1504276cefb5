// Followers: the engine's ends to those who carry bans into the world, the keeper and the firewall.
//
// The ban table is the authority: a follower that comes gets all that is in force, then every change. Nobody waits for a
// follower: where its queue is full (sys/datagram_link.h) it is told everything anew once it has caught up. What followers say
// goes to the one receiver, and what they want logged into the journal (at most kSaysPerMinute of it).
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/defence_message.h"
#include "base/message.h"
#include "base/unique_fd.h"
#include "policy/ban_table.h"
#include "record/journal.h"
#include "sys/datagram_link.h"
#include "sys/loop.h"

namespace reeve {

class Followers {
 public:
  static constexpr unsigned kSaysPerMinute = 300;
  static constexpr std::size_t kMaxStates = 64;  // of one follower; more are not kept

  // Of a follower: Ban, Lift, Offender, Loaded, Kept, Answer, Touched.
  using Receiver = std::function<void(FollowerKind kind, const FromFollower& message)>;

  Followers(Loop& loop, BanTable& bans, Journal& journal) noexcept : loop_(loop), bans_(bans), journal_(journal) {}
  Followers(const Followers&) = delete;
  Followers& operator=(const Followers&) = delete;

  void start(Receiver receive) { receive_ = std::move(receive); }

  // The monitor started one, or there is none any more.
  void take(const FollowerMessage& message, std::vector<UniqueFd> descriptors);
  [[nodiscard]] bool has(FollowerKind kind) const noexcept { return side(kind).link != nullptr; }
  // From now on it is told what is in force, and what changes. To be called for each that came, and again when it lost something.
  void tell_all(FollowerKind kind);
  [[nodiscard]] bool follows(FollowerKind kind) const noexcept { return side(kind).follows; }

  // To both; `number` of End is that of the last change.
  template <class Message>
  void tell(const Message& message) {
    send(FollowerKind::keeper, as_bytes(message));
    send(FollowerKind::firewall, as_bytes(message));
  }
  // To one. False: it is not there, or has no room.
  template <class Message>
  bool tell_one(FollowerKind kind, const Message& message) {
    return side(kind).link != nullptr && side(kind).link->send(as_bytes(message));
  }
  // Who is never banned; told to who comes later, too.
  void guard(std::vector<Prefix> never);
  // Where the engine listens, for the firewall; told to one that comes later, too.
  void serve(std::vector<WirePort> ports);
  // The daemon ends: what the firewall did to the kernel is to be taken back.
  void withdraw();
  void set_last_number(std::uint64_t number) noexcept { last_number_ = number; }

  // What a follower says of itself, by name: for `reeve status`.
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& states(FollowerKind kind) const noexcept {
    return side(kind).states;
  }

 private:
  struct Side {
    std::shared_ptr<DatagramLink> link;  // nullptr: there is none
    bool follows = false;                // it is told changes
    bool telling = false;                // tell_everything is under way
    bool behind = false;                 // it missed something
    std::map<std::string, std::string, std::less<>> states;
  };
  [[nodiscard]] Side& side(FollowerKind kind) noexcept { return sides_[static_cast<std::size_t>(kind) - 1]; }
  [[nodiscard]] const Side& side(FollowerKind kind) const noexcept { return sides_[static_cast<std::size_t>(kind) - 1]; }

  void send(FollowerKind kind, std::span<const std::byte> bytes);
  bool tell_guarded(DatagramLink& link) const;
  bool tell_ports(DatagramLink& link) const;
  Task<> tell_everything(FollowerKind kind, std::shared_ptr<DatagramLink> link);
  Task<bool> tell_bans(std::shared_ptr<DatagramLink> link);
  void receive(FollowerKind kind, std::span<const std::byte> datagram);
  void drop(FollowerKind kind);
  void say(FollowerKind kind, const SayMessage& message);

  Loop& loop_;
  BanTable& bans_;
  Journal& journal_;
  Receiver receive_;
  std::array<Side, kFollowerKinds> sides_;
  std::vector<Prefix> never_;
  std::optional<std::vector<WirePort>> ports_;  // nullopt: not known yet
  std::uint64_t last_number_ = 0;
  Instant minute_began_{};
  unsigned said_ = 0;
};

[[nodiscard]] std::string_view to_text(FollowerKind kind) noexcept;
// A ban as followers are told of it.
[[nodiscard]] BanMessage to_message(const Ban& ban, std::uint64_t number) noexcept;
[[nodiscard]] inline Prefix from_wire(const WirePrefix& prefix) noexcept {
  return {Address(prefix.address), prefix.bits};
}
[[nodiscard]] std::optional<Instant> until_of(std::int64_t until_ns) noexcept;

}  // namespace reeve
