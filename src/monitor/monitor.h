// The monitor: the privileged process. It reads the configuration, holds the listeners, starts and reaps
// servers, and keeps an engine running. It never reads a byte that came from the network, resolves no
// name while it serves, and waits for nothing but its one poll.
//
// Two descriptors matter to it: its signals and the engine's socket. What the engine asks for is handled in
// servers.h, configurations in reload.h; here they are connected.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "monitor/command_line.h"
#include "monitor/control_socket.h"
#include "monitor/engine_process.h"
#include "monitor/lookout.h"
#include "monitor/missing_addresses.h"
#include "monitor/reload.h"
#include "monitor/rpc_services.h"
#include "monitor/servers.h"
#include "monitor/stream_guards.h"
#include "monitor/wrapping.h"
#include "record/daemon_log.h"
#include "sys/background.h"
#include "sys/interfaces.h"
#include "sys/poller.h"
#include "sys/service_manager.h"
#include "sys/signals.h"

namespace reeve {

// The whole life of the daemon, from its command line (without the program's name) to the exit status.
int run_monitor(std::span<const char* const> arguments);

class Monitor {
 public:
  struct Parts {
    const CommandLine& line;
    DaemonLog& log;
    Background& background;
    const ServiceManager& service_manager;
    const Heritage& heritage;
    InheritedSockets& inherited;
    Poller poller;
    SignalQueue signals;
    std::optional<AddressNews> address_news;    // nullopt: the kernel tells nothing
    std::optional<UserAccount> engine_account;  // nullopt when not root
  };
  explicit Monitor(Parts parts);

  // The exit status.
  int run();

 private:
  enum class Leaving : std::uint8_t { no, servers_end, engine_ends, followers_end, done };

  [[nodiscard]] std::optional<Instant> next_deadline(Instant now);
  [[nodiscard]] std::span<const Poller::Ready> wait(std::optional<Instant> until);
  [[nodiscard]] std::span<const Poller::Ready> look_out(Instant now);
  void deadlines_passed(Instant now);
  void take_signals(Instant now);
  void on_signal(int number, Instant now);
  void reap(Instant now);

  void start_engine(Instant now);
  void lose_engine(const Reaped& reaped, Instant now);
  void take_messages(Instant now);
  void on_message(const EngineMessage& message, UniqueFd descriptor, Instant now);
  void flush_messages(Instant now);
  void set_rest(const RestingMessage& message);
  void hold(const HoldMessage& message);
  void look(const LookMessage& message, Instant now);
  void look_at_addresses(Instant now);

  [[nodiscard]] MessageSocket* engine_socket() noexcept { return engine_.is_running() ? &engine_.socket() : nullptr; }

  void dump();
  void check_consistency();
  void leave(bool end_servers, Instant now);
  void go_on_leaving(Instant now);

  Parts parts_;
  EngineProcess engine_;
  Servers servers_;
  Wrapping wrapping_;
  RpcServices rpc_services_;
  ControlSocket control_;
  Holds holds_;
  StreamGuards guards_;
  Followers followers_;
  Reload reload_;
  std::vector<MessageSocket::Received> received_;
  Lookout lookout_;
  bool has_reaped_ = false;  // since the last wait
  bool watches_writable_ = false;
  std::optional<Instant> engine_due_;     // when to start another
  std::optional<Instant> flush_due_;      // when to try to send again
  std::optional<Instant> lazy_since_;     // the oldest message that waits for company
  std::optional<Instant> check_due_;      // -cc
  std::optional<Instant> addresses_due_;  // when to look what became of the machine's addresses
  MissingAddresses missing_addresses_;
  std::uint32_t looked_at_ = 0;         // the generation whose addresses were looked at
  std::optional<Instant> leaving_due_;  // when to wait no longer
  Leaving leaving_ = Leaving::no;
  bool ends_servers_ = false;
};

}  // namespace reeve
