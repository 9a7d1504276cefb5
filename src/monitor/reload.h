// Reload: brings configurations into force, the first one and all later ones, all or nothing.
//
//   idle ──begin──▶ on trial ──survived──▶ parsed, bound ──messages──▶ offered ──Ready──▶ in force ▶ idle
//                       │                       │                        │
//                       └── refused ◀───────────┴──────── Unfit, or the engine died ▶ idle
//
// The running configuration is untouched until the engine has taken over the new one; then the old one's
// listeners are closed and servers of removed services are ended. A further request meanwhile begins when
// this one has come to its end. The first configuration differs in one thing: what is wrong with a service
// costs that service only; and if there is nothing to serve by, the daemon ends with exit_status().
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "monitor/adoption_messages.h"
#include "monitor/control_socket.h"
#include "monitor/engine_process.h"
#include "monitor/followers.h"
#include "monitor/generation.h"
#include "monitor/holds.h"
#include "monitor/reload_report.h"
#include "monitor/rpc_services.h"
#include "monitor/servers.h"
#include "monitor/stream_guards.h"
#include "monitor/trial.h"
#include "record/daemon_log.h"
#include "sys/background.h"
#include "sys/service_manager.h"

namespace reeve {

class Reload {
 public:
  struct Parts {
    DaemonLog& log;
    Servers& servers;
    RpcServices& rpc_services;
    EngineProcess& engine;
    Background& background;
    const ServiceManager& service_manager;
    const Heritage& heritage;
    InheritedSockets& inherited;
    ControlSocket& control;
    Holds& holds;
    const StreamGuards& guards;
    Followers& followers;
  };
  struct Terms {
    AdoptionTerms adoption;
    bool stay_alive = false;  // also without services
  };

  Reload(Parts parts, Trial::Terms trial, Terms terms);

  // Reads the files and has them tried.
  void begin(Instant now);
  // The same because somebody asks for it, who is told the result; or only what it would change; or a former reload is
  // confirmed (reload_on_request.cc).
  void ask(const ReloadMessage& wanted, Instant now);
  // The machine's addresses or interfaces changed: services that are bound to an interface follow, by the bytes that
  // are in force; no file is read again.
  void addresses_changed(Instant now);
  void ready(std::uint32_t generation, Instant now);
  void unfit(std::uint32_t generation, Instant now);
  // A new engine runs: it is offered what is in force (or what is to be the first).
  void engine_started(Instant now);
  void engine_ended(Instant now);
  // True when that child was the trial.
  bool reaped(const Reaped& reaped, Instant now);

  [[nodiscard]] std::optional<Instant> deadline() const noexcept;
  void deadline_passed(Instant now);

  // nullptr before the first is in force.
  [[nodiscard]] const Generation* in_force() const noexcept { return current_.get(); }
  // Set when the daemon can't go on.
  [[nodiscard]] std::optional<int> exit_status() const noexcept { return exit_status_; }

 private:
  void accept(Loaded loaded, Instant now);
  [[nodiscard]] bool is_acceptable(const Loaded& loaded);
  // nullptr: a listener could not be opened, and `all_or_nothing` was asked for.
  [[nodiscard]] GenerationRef acquire(Loaded& loaded, bool all_or_nothing);
  void offer(const GenerationRef& generation, const Generation* former, Instant now);
  void begin_force(Instant now);
  void refuse(const std::string& why, Instant now);
  void come_to_rest(Instant now);
  void say_diagnostics(const Loaded& loaded);
  void show_plan(const Loaded& loaded, Instant now);
  void expect_confirmation(Instant now);
  void forget_revert();
  void revert(Instant now);
  // The daemon can't start: said in the log, to the launcher, and on standard error.
  void give_up(const std::string& why);

  Parts parts_;
  Terms terms_;
  Trial trial_;
  GenerationRef current_, next_;
  std::uint32_t last_number_ = 0;
  std::uint32_t announced_ = 0;   // what the engine parses ahead of the rest; 0: nothing
  std::uint32_t off_ = 0;         // services of next_ without a listener, though they should have one
  bool again_ = false;            // asked for while another was under way
  bool addresses_again_ = false;  // likewise
  bool takeover_awaited_ = false;
  std::optional<Instant> answer_due_;  // by when the engine has taken over what it was offered
  std::optional<int> exit_status_;
  ReloadReport report_;
  // The configuration that comes back then, unless the present one is confirmed; what is reloaded meanwhile goes with it.
  UniqueFd revert_to_;
  std::optional<Instant> revert_due_;
};

}  // namespace reeve
