// Followers: the processes that carry bans into the world, as the monitor sees them: the keeper (store, lists, alerts, fleet) and the
// firewall (the kernel's tables). Each runs only while the configuration asks for it; the keeper also when there is a ban to keep.
//
// They are the executable `reeved-defence` beside ours, with a socket to the engine as descriptor 3, the bundle as 4, and from 5 on
// the files of alerts. The keeper is an ordinary user without capabilities; the firewall has CAP_NET_ADMIN and nothing else. One
// whose engine has ended finishes by itself; one that dies is started again, a little later each time that it dies young. What goes
// wrong here is said in the log and costs no service.
#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/message.h"
#include "base/time.h"
#include "config/defence.h"
#include "monitor/generation.h"
#include "record/daemon_log.h"
#include "sys/children.h"
#include "sys/message_socket.h"
#include "sys/privileges.h"

namespace reeve {

class Followers {
 public:
  Followers(DaemonLog& log, std::optional<UserAccount> account, bool silent, bool inetd_compat) noexcept
      : log_(log), account_(std::move(account)), silent_(silent), inetd_compat_(inetd_compat) {}

  // Another engine runs: its followers are to be started, those of the former one end.
  void engine_started() noexcept;
  // What a configuration asks for. `parsed_by`: what every follower parses. May be called before it is in force, and again.
  void follow(const ConfigurationRef& configuration, const UniqueFd& bundle, MessageSocket& engine, Instant now);
  // There is a ban to keep.
  void want_keeper(MessageSocket& engine, Instant now);

  // True when that child was a follower. `engine`: nullptr when none runs.
  bool reaped(const Reaped& reaped, MessageSocket* engine, Instant now);
  [[nodiscard]] std::optional<Instant> deadline() const noexcept;
  void deadline_passed(MessageSocket* engine, Instant now);

  // Those of former engines, too.
  [[nodiscard]] bool all_ended() const noexcept;
  // The daemon ends: none is started any more.
  void leave() noexcept { leaving_ = true; }
  void kill_all() noexcept;

 private:
  struct Follower {
    pid_t pid = -1;
    Instant started;
    unsigned young_deaths = 0;
    std::optional<Instant> due;  // when to start it again
    bool wanted = false;
  };
  [[nodiscard]] Follower& of(FollowerKind kind) noexcept { return followers_[static_cast<std::size_t>(kind) - 1]; }
  [[nodiscard]] bool is_keeper_wanted() const;
  [[nodiscard]] bool is_firewall_wanted() const;
  [[nodiscard]] bool may_ban() const;
  void set(FollowerKind kind, bool wanted, bool again, MessageSocket& engine, Instant now);
  void start(FollowerKind kind, MessageSocket& engine, Instant now);
  void retire(Follower& follower) noexcept;

  DaemonLog& log_;
  std::optional<UserAccount> account_;
  bool silent_, inetd_compat_;
  bool leaving_ = false;
  bool keeper_asked_for_ = false, said_nowhere_ = false;
  ConfigurationRef configuration_;
  UniqueFd bundle_;
  std::array<Follower, kFollowerKinds> followers_;
  std::vector<pid_t> retired_;  // they end by themselves
};

// Where bans are kept: what state_directory says, else the first of $STATE_DIRECTORY (systemd.exec(5)), else /var/lib/reeve where
// that is. Empty: nowhere.
[[nodiscard]] std::string state_directory(const StoreTerms& terms);

}  // namespace reeve
