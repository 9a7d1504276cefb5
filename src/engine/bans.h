// Bans: the path of a ban in the engine. Whoever says that somebody is banned, or is not any more, says it here: a sensor, the
// operator, a penalty, the store, a list, the fleet.
//
// The table decides (policy/ban_table.h). From it a change flows, each at its own pace: into the log, and to the followers
// (engine/followers.h), who keep it, spread it, put it into the kernel and tell others. What has ended is removed here, and said.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/defence_message.h"
#include "engine/follower_answers.h"
#include "engine/followers.h"
#include "engine/monitor_link.h"
#include "engine/network_watch.h"
#include "engine/operators.h"
#include "engine/post.h"
#include "policy/ban_table.h"
#include "policy/offence.h"
#include "record/journal.h"
#include "sys/loop.h"

namespace reeve {

class Bans {
 public:
  Bans(Loop& loop, BanTable& table, Journal& journal, MonitorLink& monitor, MonitorAnswers& waiting,
       std::optional<LocalNetworkSource> network);

  // Somebody touched a sensor: he, and what ban_prefix has around him, is banned from all services for its deny_time, unless
  // he is never banned. Of those who are spared the log tells kMostSparedPerMinute a minute.
  static constexpr unsigned kMostSparedPerMinute = 6;
  void spring(const Service& sensor, const Endpoint& source, const std::optional<Endpoint>& local, Instant now);

  // What he then said there; it goes to those who are alerted.
  void heard(const Service& sensor, const Endpoint& source, const std::optional<Endpoint>& local, std::string_view said, Instant now);
  // All that he did was too much.
  void punish(const Service& service, const Endpoint& source, const Penalty& penalty, Instant now);

  struct Order {
    Prefix prefix;
    std::optional<Instant> until;  // nullopt: for ever
    std::string_view reason;
    BanOrigin origin = BanOrigin::operator_;
    std::string_view node = {};  // fleet, list: whose ban it is
    std::uint32_t times = 1;     // fleet: which ban of the prefix it is there
  };
  struct Done {
    BanTable::Outcome outcome = BanTable::Outcome::added;
    std::uint64_t number = 0;  // of the change, for is_kept()
  };
  Done ban(const Order& order, Instant now);
  // False: exactly this prefix was not banned.
  bool lift(const Prefix& prefix, BanOrigin origin, Instant now);

  // An operator works there: he is never banned for as long as engine/operators.h says; or he wants to be.
  void note_operator(const Address& address, Instant now);
  void forget_operator(const Address& address);

  // From now on its terms hold, and whom it spares is never banned.
  void guard(ConfigurationRef configuration);

  // ---- followers
  void take(const FollowerMessage& message, std::vector<UniqueFd> descriptors);
  // The store was not heard yet: nobody should be let in, for somebody may be banned.
  [[nodiscard]] bool awaits_store() const noexcept { return awaits_store_; }
  // Called once when it was, or will not be, or by serve_now(): patience has an end. What the store says later still counts.
  void when_loaded(std::function<void()> loaded) { loaded_ = std::move(loaded); }
  void serve_now();
  // Hears of datagrams to ports that nobody has.
  void when_touched(std::function<void(const TouchedMessage&)> touched) { touched_ = std::move(touched); }
  // All changes up to `number` are on disk. Where nothing keeps bans they never are: see is_durable().
  [[nodiscard]] bool is_kept(std::uint64_t number) const noexcept { return kept_ >= number; }
  [[nodiscard]] bool is_durable() const noexcept { return durable_; }
  // Is what is told kept on disk?
  enum class Keeping : std::uint8_t {
    yes,
    coming,  // the store is being opened
    no,
  };
  [[nodiscard]] Keeping keeping() const noexcept;
  [[nodiscard]] Followers& followers() noexcept { return followers_; }
  [[nodiscard]] FollowerAnswers& answers() noexcept { return answers_; }

 private:
  void hear(FollowerKind kind, const FromFollower& message);
  void take_over(const BanMessage& message, Instant now);
  void propose(const BanMessage& message, Instant now);
  void tell(const Prefix& prefix, BanOrigin origin, std::string_view node);
  struct Cause {
    std::optional<Endpoint> source, local;
    std::string_view service;
    std::uint32_t protocol = 0;
    std::string_view detail = {};
  };
  void guard_all();
  Task<> watch_operators();
  void note_spared(std::string_view who, const Address& source, std::string_view why, Instant now);
  void raise(DefenceEvent what, const Ban& ban, BanOrigin origin, const Cause& cause);
  void schedule();
  Task<> watch_expiry();

  Loop& loop_;
  BanTable& table_;
  Journal& journal_;
  MonitorLink& monitor_;
  Followers followers_;
  FollowerAnswers answers_;
  NetworkWatch network_;
  std::function<void()> loaded_;
  std::function<void(const TouchedMessage&)> touched_;
  bool wants_events_ = false;  // somebody is alerted
  std::uint64_t number_ = 0, kept_ = 0;
  std::uint32_t taken_over_ = 0;
  bool awaits_store_ = false, heard_store_ = false, durable_ = false;
  bool asked_for_keeper_ = false, keeper_is_not_to_be_ = false;
  bool has_answered_ = false;  // this keeper said what it loaded
  bool watching_ = false;
  bool said_full_ = false;
  ConfigurationRef configuration_;  // that guards
  Operators operators_;
  bool watching_operators_ = false;
  Instant spared_minute_{};
  unsigned spared_ = 0;
};

}  // namespace reeve
