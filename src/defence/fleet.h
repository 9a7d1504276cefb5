// Fleet: bans shared with other machines by a Redis server. Lives in the keeper, on its loop.
//
// What this node's sensors, penalties and operator ban is sent there, what other nodes sent is proposed to the engine, which has
// the last word; lists and the fleet's own bans are never sent on. One link sends and compares, the other waits for the log.
// Everything of the store is compared at each connection, when the log was trimmed faster than it was read, when
// the store turns out to have been emptied, and every `compare_every`. Own bans that the store lost are sent again.
//
// While the store is away everything goes on alone; that is said once, and once when it is back. Next attempts come after a
// pause that grows to kMostPause, with jitter. Each command has kAnswerWithin. What is refused is counted, and each reason is said once a
// minute at most. Bounds: see defence/fleet_book.h and defence/redis_link.h; kMostScanned keys for each comparison.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/defence_message.h"
#include "base/result.h"
#include "defence/fleet_book.h"
#include "defence/fleet_commands.h"
#include "defence/fleet_key.h"
#include "record/daemon_log.h"
#include "sys/loop.h"
#include "sys/resolver.h"
#include "sys/task.h"
#include "sys/worker_thread.h"

namespace reeve {

// Whom a fleet tells. Outlives it.
class FleetOutlet {
 public:
  virtual ~FleetOutlet() = default;
  // False: there is no room now; it is proposed again in a moment.
  [[nodiscard]] virtual bool propose(const BanMessage& ban) = 0;
  [[nodiscard]] virtual bool propose(const LiftMessage& lift) = 0;
  virtual void say(Level level, std::string_view text) = 0;
  virtual void state(std::string_view name, std::string_view text) = 0;
};

struct FleetSettings {
  std::string host;  // a name or an address; empty: `path`
  std::uint16_t port = 6379;
  std::string path;
  std::string name;  // of the fleet
  std::string user, password;
  FleetRules rules;
  std::chrono::milliseconds compare_every = std::chrono::minutes(10);
  std::chrono::milliseconds heartbeat = std::chrono::seconds(5);
};

class Fleet {
 public:
  static constexpr std::chrono::seconds kAnswerWithin{5}, kMostPause{30};
  static constexpr std::size_t kMostScanned = 4'000'000;

  Fleet(Loop& loop, Resolver& resolver, FleetSettings settings, FleetKey key, FleetOutlet& outlet);
  // After Loop::drop_tasks.
  ~Fleet();

  // Once. Connects when the engine has told everything (end()).
  [[nodiscard]] Result<bool> start();

  // What the engine says.
  void begin() { book_.begin(); }
  void told(const BanMessage& ban);
  void end();
  void lifted(const LiftMessage& lift);
  void guarded(std::vector<Prefix> never) { book_.guarded(std::move(never)); }

  [[nodiscard]] bool is_connected() const noexcept { return is_connected_; }
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

 private:
  struct Session;
  using SessionRef = std::shared_ptr<Session>;
  using Outcome = Result<bool>;

  Task<> run();
  Task<> wait(Instant until);
  Task<Outcome> open(SessionRef session);
  Task<Outcome> open_link(RedisLink& link);
  Task<Outcome> greet(SessionRef session);
  Task<Outcome> serve(SessionRef session);
  Task<Outcome> publish(SessionRef session);
  Task<Outcome> compare(SessionRef session);
  Task<Outcome> compare_kind(SessionRef session, FleetRecord::Kind kind);
  Task<Outcome> take_keys(SessionRef session, std::vector<std::string> keys);
  Task<Outcome> beat(SessionRef session);
  Task<> follow(SessionRef session);
  Task<Outcome> read_log(SessionRef session);
  Task<> take(SessionRef session, std::string text, WallMs left);

  [[nodiscard]] static FleetTime now();
  [[nodiscard]] WallMs store_time(const Session& session) const;
  void note_time(Session& session, const RedisValue& answer);
  void note_nodes(const RedisValue& answer, std::vector<std::string>& stale);
  void came(std::string_view place);
  void went(const std::string& why);
  void refuse(std::string_view node, std::string_view why);
  void note_shared(FleetBook::Shared shared, const WirePrefix& prefix);
  void tell(std::string_view name, std::string text);
  void tell_figures();
  [[nodiscard]] std::string place() const;

  Loop& loop_;
  Resolver& resolver_;
  const FleetSettings settings_;
  const FleetKey key_;
  const FleetCommands commands_;
  FleetOutlet& outlet_;
  FleetBook book_;
  std::unique_ptr<Waker> waker_;
  std::unique_ptr<Watch> woken_;
  std::minstd_rand jitter_;
  bool is_connected_ = false, was_said_ = false;
  Instant heard_{};  // when the store last answered
  WallMs away_since_ = 0;
  WallMs lag_ = 0;  // of the last record that was taken from the log
  std::uint64_t refused_ = 0;
  std::map<std::string_view, Instant> quiet_until_;  // of reasons, which are ours
  std::map<std::string, std::string, std::less<>> told_;
};

}  // namespace reeve
