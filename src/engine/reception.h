// Reception: where every visit of the engine is received: accept, admit, greet, run, account.
//
// serve() is one connection's path from top to bottom; occupy() the same for services whose server takes the
// listener itself (wait = yes, handover.cc). A visit of tcpmux leads to another service (tcpmux.cc), and a reload
// has everybody looked at again (second_look.cc). What a visit may do is decided by the Gate, written down by the
// Recorder, started by the monitor.
#pragma once

#include "engine/arrival.h"
#include "engine/banner_files.h"
#include "engine/bans.h"
#include "engine/datagrams.h"
#include "engine/deception.h"
#include "engine/door_guard.h"
#include "engine/doors.h"
#include "engine/gate.h"
#include "engine/holding.h"
#include "engine/inquiries.h"
#include "engine/instance.h"
#include "engine/monitor_link.h"
#include "engine/penalties.h"
#include "engine/queue_head.h"
#include "engine/recorder.h"
#include "engine/relay.h"
#include "engine/tcpmux.h"
#include "engine/wrappers.h"
#include "sys/spare_descriptors.h"

namespace reeve {

class Reception {
 public:
  struct Parts {
    Loop& loop;
    Doors& doors;
    Gate& gate;
    Instances& instances;
    MonitorLink& monitor;
    Recorder& recorder;
    Bans& bans;
    Deception& deception;
    Penalties& penalties;
    Datagrams& datagrams;
    Tcpmux& tcpmux;
    Relay& relay;
    Inquiries& inquiries;
    Wrappers& wrappers;
    DoorGuard& door_guard;
    BannerFiles& banner_files;
    Journal& journal;
    Holding& holding;
  };

  explicit Reception(Parts parts);

  // Somebody is at the door.
  void knock(const DoorRef& door);

  // An instance that an engine before this one started: wait for its end, under its ticket. `door`: whose listener it
  // holds, nullptr for none.
  void take_over(const PostRef& post, const DoorRef& door, const InheritMessage& inherited, Ticket ticket);

  // The post no longer listens there; who came in time is still let in.
  void take_in_last(const PostRef& post, UniqueFd old_listener);

  // A configuration is in force: streams that servers will have get their filters.
  void guard_all();

  // After a reload: instances whose clients may not be here any more, or that are too many, are ended.
  void look_again();

  // A datagram came to a port that nobody has: the sensor of unused ports writes it down.
  void note_datagram(const TouchedMessage& message);

  // An instance is asked to end; once is enough.
  void end(Instance& instance);

 private:
  // Starts that the monitor has not answered yet; over it programs' doors are left alone.
  static constexpr std::uint32_t kMaxUnderWay = 256;
  // Conversations with refused clients that read a banner; over it they are closed without one.
  static constexpr std::uint32_t kMaxFarewells = 256;

  // Connections of proxies that have not said yet for whom; over it they are closed.
  static constexpr std::uint32_t kMaxIntroductions = 1024;

  // False: nobody is waiting any more.
  bool accept_visit(const PostRef& post, int listener);
  void make_room();
  void accept_visits(const DoorRef& door);
  void admit(const PostRef& post, Arrival arrival);
  // introduction.cc: a proxy says for whom it comes.
  Task<> introduce(PostRef post, Arrival proxy);
  Task<> close_late(PostRef post, UniqueFd old_listener);
  void shed(const PostRef& post, const Address& source, const Account::Overload& overload);
  void hand_over(const DoorRef& door);

  // Writes a refusal down. False: there is nothing more to do for this client.
  bool turn_away(const PostRef& post, const Arrival& arrival, const Gate::Answer& answer);
  // undecided.cc: visits about which something has to be found out first.
  Task<> serve_undecided(PostRef post, Arrival arrival, Gate::Answer answer);
  // The answer with a verdict; the post may be retired by then. `arrival` must outlive it.
  Task<Gate::Answer> find_verdict(PostRef post, Arrival& arrival, Gate::Answer answer);
  Task<> occupy_undecided(DoorRef door, QueueHead head);
  Task<> look_closer(std::vector<Address> sources);
  // Asks who the client is, for the log; who answers at once is known to the arrival, too.
  Task<> log_user(PostRef post, Arrival& arrival);
  // For a program that is told the name of its client (flag RESOLVE).
  Task<> find_name(Arrival& arrival);

  Task<> serve(PostRef post, Arrival arrival, Gate::Answer answer);
  // hosts.allow and hosts.deny, wrapped_visits.cc. A visit that they refuse is written down.
  Task<WrapPass> pass_wrappers(PostRef post, Arrival& arrival);
  Task<> part_gently(Arrival arrival);
  // So does what is known about the client.
  void tell_client(const Instance& instance);
  // The rule that changes a start goes to the monitor before it.
  void announce_rule(Instance& instance, const StartMessage& start);
  Task<bool> may_occupy(DoorRef door, std::optional<QueueHead> head, Instance& instance);
  Task<bool> greet(int connection, std::vector<BannerFiles::Part> greeting);
  Task<> run_program(PostRef post, Arrival arrival, Ticket ticket);
  void note_silence(const Instance& instance, const Service& service);
  Task<> run_builtin(PostRef post, Arrival arrival, Ticket ticket);
  // relaying.cc: the connection is carried to a target of the service.
  Task<> run_relay(PostRef post, Arrival arrival, Ticket ticket);
  void note_failure(TargetBoard& board, std::size_t target, const Instance& instance, const std::string& name, int sys_errno);
  void note_answer(TargetBoard& board, std::size_t target, const Instance& instance, const std::string& name);
  // tcpmux.cc: a client says which service it wants, and visits that one.
  Task<> run_tcpmux(PostRef post, Arrival arrival, Ticket ticket);
  Task<> visit_by_name(PostRef post, Arrival arrival);
  Task<> answer_and_close(Arrival arrival, std::string answer);
  Task<> occupy(DoorRef door, std::optional<QueueHead> head, Gate::Answer answer);
  Task<> await_end(PostRef post, DoorRef door, InheritMessage inherited, Ticket ticket);
  Task<> rest(PostRef post, Instant from, Instant until);

  // One program for `instance`, tried again while processes or descriptors are short. With its connection, or for the
  // door whose listener it is to have. False: it was refused and written down.
  Task<bool> start_instance(Instance& instance, UniqueFd connection, DoorRef door);
  // Waits for the end of a started instance and writes it down.
  Task<News> follow(Instance& instance, ConfigurationRef configuration, std::uint32_t index);
  [[nodiscard]] bool guard(const DoorRef& door, const std::optional<QueueHead>& head);
  Task<> keep_guards(ConfigurationRef configuration);
  void leave_door(const DoorRef& door, std::uint32_t tenure);
  void count_under_way(int change);

  Parts parts_;
  std::uint32_t under_way_ = 0;
  std::uint32_t most_under_way_ = kMaxUnderWay;
  std::uint32_t farewells_ = 0;
  std::uint32_t look_again_turn_ = 0;
  std::uint32_t introductions_ = 0;
  Instant shortage_said_{};
  bool said_shortage_ = false;
  SpareDescriptors spares_;
  bool has_spares_ = false;
};

}  // namespace reeve
