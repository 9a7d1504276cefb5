#include "engine/engine.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"
#include "engine/adoption.h"
#include "engine/control.h"
#include "engine/relay_threads.h"
#include "engine/report.h"
#include "sys/clock.h"
#include "sys/descriptors.h"
#include "sys/processors.h"
#include "sys/sandbox.h"

namespace reeve {

namespace {

constexpr std::chrono::seconds kStorePatience{8};

// Builds the room's objects bottom-up and hands messages of the monitor to whom they concern.
class Engine {
 public:
  Engine(UniqueFd monitor, std::string program, const AdoptMessage& first, DaemonLogTarget log, std::optional<LocalNetworkSource> network)
      : journal_(std::move(program), first.daemon_pid, std::move(log)),
        link_(loop_, std::move(monitor)),
        bans_(loop_, gate_.bans(), journal_, link_, answers_, std::move(network)),
        control_(ControlDesk{.loop = loop_,
                             .adoption = adoption_,
                             .doors = doors_,
                             .gate = gate_,
                             .instances = instances_,
                             .inquiries = inquiries_,
                             .monitor = link_,
                             .journal = journal_,
                             .reception = reception_,
                             .holding = holding_,
                             .bans = bans_,
                             .tarpit = deception_.tarpit(),
                             .records = records_,
                             .answers = answers_,
                             .daemon_pid = first.daemon_pid,
                             .engine_since = instant_now()},
                 first.as_root != 0 ? 0 : ::getuid()) {}
  ~Engine() {
    relay_threads_.stop();
    loop_.drop_tasks();
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void run(const AdoptMessage& first, std::vector<UniqueFd> descriptors, const Result<Confinement>& confinement) {
    if (!confinement) {
      journal_.say(Level::warning, wall_now(), "the engine runs without its sandbox: " + confinement.error().text());
    } else if (!confinement->landlock) {
      journal_.say(Level::info, wall_now(), "this kernel has no Landlock: only the engine's user and seccomp keep it from files");
    }
    bans_.when_touched([this](const TouchedMessage& message) { reception_.note_datagram(message); });
    doors_.start();
    adoption_.begin(first, std::move(descriptors));
    link_.start([this](const MonitorMessage& message, std::vector<UniqueFd> attached) { receive(message, std::move(attached)); });
    loop_.run();
  }

 private:
  void receive(const MonitorMessage& message, std::vector<UniqueFd> attached) {
    std::visit([&](const auto& one) { on(one, attached); }, message);
  }
  void on(const AdoptMessage& message, std::vector<UniqueFd>& attached) { adoption_.begin(message, std::move(attached)); }
  void on(const ListenersMessage& message, std::vector<UniqueFd>& attached) { adoption_.take(message, std::move(attached)); }
  void on(const LogFilesMessage& message, std::vector<UniqueFd>& attached) { adoption_.take(message, std::move(attached)); }
  void on(const InheritMessage& message, std::vector<UniqueFd>&) { adoption_.take(message); }
  void on(const CommitMessage& message, std::vector<UniqueFd>&) {
    if (!bans_.awaits_store()) return adoption_.commit(message);
    // Somebody may be banned. The monitor's patience with us is longer than ours with the store.
    bans_.when_loaded([this, message] { adoption_.commit(message); });
    loop_.start(lose_patience());
  }
  Task<> lose_patience() {
    const Instant late = instant_now() + kStorePatience;
    co_await loop_.sleep_until(late);
    if (!bans_.awaits_store()) co_return;
    journal_.say(Level::error, wall_now(), "the store of bans does not answer: the daemon serves without what it kept, until it does");
    bans_.serve_now();
  }
  void on(const FollowerMessage& message, std::vector<UniqueFd>& attached) { bans_.take(message, std::move(attached)); }
  void on(const StartedMessage& message, std::vector<UniqueFd>&) {
    instances_.tell(message.instance, {.kind = News::Kind::started, .pid = message.pid}, {});
  }
  void on(const StartFailedMessage& message, std::vector<UniqueFd>& attached) {
    UniqueFd returned = attached.empty() ? UniqueFd() : std::move(attached.front());
    instances_.tell(message.instance, {.kind = News::Kind::start_failed, .stage = message.stage, .sys_errno = message.sys_errno},
                    std::move(returned));
  }
  void on(const ExitedMessage& message, std::vector<UniqueFd>&) {
    instances_.tell(message.instance,
                    {.kind = News::Kind::exited,
                     .stage = message.failed_stage,
                     .sys_errno = message.exec_errno,
                     .wait_status = message.wait_status,
                     .cpu_us = message.cpu_us,
                     .max_rss_kb = message.max_rss_kb},
                    {});
  }
  void on(const WrapRulesMessage& message, std::vector<UniqueFd>& attached) { wrappers_.take(message, std::move(attached)); }
  void on(const CommandEndedMessage& message, std::vector<UniqueFd>&) { wrappers_.take(message); }
  void on(const DumpMessage&, std::vector<UniqueFd>& attached) {
    if (attached.empty()) return;
    const std::string text = state_text(adoption_.posts(), doors_, instances_, gate_, inquiries_, deception_.tarpit(), instant_now());
    (void)!::write(attached.front().get(), text.data(), text.size());
  }
  void on(const CheckMessage&, std::vector<UniqueFd>&) {
    const auto broken = inconsistencies(adoption_.posts(), doors_, instances_, gate_);
    for (const std::string& one : broken) journal_.say(Level::error, wall_now(), "consistency check: " + one);
    journal_.say(broken.empty() ? Level::info : Level::error, wall_now(),
                 broken.empty() ? "consistency check passed" : "consistency check failed");
  }
  void on(const HeldMessage& message, std::vector<UniqueFd>&) { adoption_.take(message); }
  void on(const LookedMessage& message, std::vector<UniqueFd>& attached) {
    answers_.come(message.number, message.old, std::move(attached));
  }
  void on(const ReloadedMessage& message, std::vector<UniqueFd>& attached) {
    answers_.come(message.number, message.done, std::move(attached));
  }
  void on(const ControlMessage& message, std::vector<UniqueFd>& attached) { control_.take(message, std::move(attached)); }
  void on(const LeaveMessage&, std::vector<UniqueFd>&) {
    bans_.followers().withdraw();
    loop_.stop();
  }

  Loop loop_;
  Journal journal_;
  Gate gate_;
  Instances instances_;
  RecentRecords records_{loop_};
  BannerFiles banner_files_{journal_};
  MonitorLink link_;
  MonitorAnswers answers_{loop_};
  Bans bans_;
  Penalties penalties_{gate_.penalties(), gate_.bans(), bans_};
  Recorder recorder_{journal_, records_, penalties_};
  Inquiries inquiries_{loop_};
  NameCheck name_check_{loop_, inquiries_, journal_};
  WrapQuestions wrap_questions_{loop_, inquiries_};
  Wrappers wrappers_{{loop_, link_, instances_, recorder_, journal_, wrap_questions_}};
  Deception deception_{loop_, banner_files_, recorder_, bans_, penalties_};
  Datagrams datagrams_{loop_, gate_, inquiries_, wrappers_, recorder_, bans_};
  Tcpmux tcpmux_;
  Relay relay_{loop_};
  DoorGuard door_guard_{gate_, link_};
  RelayThreads relay_threads_{loop_, relay_, journal_, usable_processors()};
  Doors doors_{loop_, [this](const DoorRef& door) { reception_.knock(door); }};
  Holding holding_{doors_, link_};
  Reception reception_{{loop_, doors_, gate_, instances_, link_, recorder_, bans_, deception_, penalties_, datagrams_, tcpmux_, relay_,
                        inquiries_, wrappers_, door_guard_, banner_files_, journal_, holding_}};
  Adoption adoption_{
      {doors_, gate_, reception_, instances_, bans_, penalties_, datagrams_, tcpmux_, inquiries_, name_check_, journal_, link_, holding_}};
  Control control_;
};

DaemonLogTarget log_target(const AdoptMessage& message, UniqueFd file) {
  DaemonLogTarget target;
  target.kind = static_cast<DaemonLogTarget::Kind>(message.log_kind);
  target.facility = message.log_facility;
  target.least = static_cast<Level>(message.log_least);
  target.fd = std::move(file);
  return target;
}

}  // namespace

int run_engine(UniqueFd monitor, std::string program) {
  // The monitor alone ends the engine; a terminal's signals are the monitor's business.
  for (const int number : {SIGPIPE, SIGHUP, SIGINT, SIGXFSZ, SIGUSR1, SIGUSR2}) (void)std::signal(number, SIG_IGN);

  auto first = receive_first(monitor.get());
  if (!first) return 1;
  // Beside listeners: clients, and what the engine has open itself.
  constexpr std::size_t kOthers = 64;
  reserve_descriptors(std::size_t{first->adopt.places} + kOthers);
  UniqueFd log_file;
  if (first->descriptors.size() > 1) {
    log_file = std::move(first->descriptors.back());
    first->descriptors.pop_back();
  }
  // Its sockets are of a kind that the sandbox refuses.
  auto network = LocalNetworkSource::open();
  // Before the journal's thread is made: a filter holds for the threads that come later.
  const char* sandbox = std::getenv("REEVE_SANDBOX");
  const Result<Confinement> confinement = confine(sandbox != nullptr && std::string_view(sandbox) == "strict");
  Engine engine(std::move(monitor), std::move(program), first->adopt, log_target(first->adopt, std::move(log_file)),
                network ? std::optional(std::move(*network)) : std::nullopt);
  engine.run(first->adopt, std::move(first->descriptors), confinement);
  return 0;
}

}  // namespace reeve
