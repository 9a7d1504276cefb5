// Messages between monitor and engine: the only thing the two share.
//
// Each travels as one datagram of a SOCK_SEQPACKET pair: a fixed-size structure of its type, and
// descriptors by SCM_RIGHTS where stated. decode_* accepts a datagram only if its length is exactly its
// type's, all enumerations and counts are in range and reserved bytes are zero; a side that gets anything
// else ends the other (the monitor kills the engine and starts a new one; the engine exits).
//
// The engine names a *configured service* by generation and index and hands over a connection; it cannot
// say what to run, as whom, or with which arguments. The monitor tells what became of it.
//
// A connection's life:      engine                    monitor
//                           Start + connection   ->
//                                                <-   Started | StartFailed + connection
//                                                <-   Exited
//   with a rule of tcp    Wrap, then Start       ->
//   wrappers; a command   Wrap                   ->
//                                                <-   CommandEnded
// Rules of tcp wrappers:  ReadWrapRules          ->
//                                                <-   WrapRules + memfd
// The control socket:                            <-   Control + listener
//   its commands        Hold                   ->
//                       Look, Reload           ->
//                                                <-   Looked, Reloaded + report
//   told of its client   Client, then Start     ->
// Sources to keep out    Bans (1..n), Guard      ->
// of a server's stream:
// A configuration's life:                        <-   Adopt + bundle (memfd) + daemon log
//                                                <-   Listeners + descriptors (0..n)
//                                                <-   LogFiles + descriptors (0..n)
//                                                <-   Inherit, Held (0..n, only to a new engine)
//                                                <-   Commit
//                           Ready | Unfit        ->
// Until Ready for a generation, Start may still name the one before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "base/result.h"
#include "base/wire_values.h"

namespace reeve {

constexpr std::size_t kMaxListenersPerMessage = 120;  // SCM_MAX_FD is 253
constexpr std::size_t kMaxLogFilesPerMessage = 120;

// ---------------------------------------------------------------- engine -> monitor
enum class EngineMessageType : std::uint32_t {
  start = 1,
  ready = 2,
  unfit = 3,
  end = 4,
  resting = 5,
  read_wrap_rules = 6,
  wrap = 7,
  hold = 8,
  look = 9,
  reload = 10,
  bans = 11,
  guard = 12,
  client = 13
};

// Start one instance of a service. With the connection's descriptor for wait = no; without one for
// wait = yes (the monitor hands over its own listener, that of `place`).
struct StartMessage {
  EngineMessageType type = EngineMessageType::start;
  std::uint32_t generation = 0;
  std::uint32_t service = 0;
  std::uint32_t has_connection = 0;  // 0 or 1
  InstanceId instance = 0;
  std::uint32_t place = 0;  // index into Configuration::places; 0 with a connection
  std::uint32_t reserved = 0;
  WireEndpoint source;  // REMOTE_HOST
};

// The generation is in force.
struct ReadyMessage {
  EngineMessageType type = EngineMessageType::ready;
  std::uint32_t generation = 0;
};

// The bundle could not be used by the engine (it must not happen: the monitor parsed the same bytes).
struct UnfitMessage {
  EngineMessageType type = EngineMessageType::unfit;
  std::uint32_t generation = 0;
};

// End a running instance: its client lost its permission at a reload, or there are too many.
struct EndMessage {
  EngineMessageType type = EngineMessageType::end;
  std::uint32_t reserved = 0;
  InstanceId instance = 0;
};

// Stop listening at a place (cps, see policy/ledger.h) or listen again. The port stays ours.
struct RestingMessage {
  EngineMessageType type = EngineMessageType::resting;
  std::uint32_t generation = 0;
  std::uint32_t place = 0;
  std::uint32_t rest = 0;  // 1 stop listening, 0 listen again
};

// Look at hosts.allow and hosts.deny again: one of their files has changed.
struct ReadWrapRulesMessage {
  EngineMessageType type = EngineMessageType::read_wrap_rules;
  std::uint32_t known = 0;  // the generation of rules that the engine has; 0: none
};

// A rule of hosts.allow or hosts.deny is carried out for a visit: one of its commands is run now, or, with `option`
// kWrapForStart, the Start of the same instance, which follows, is to heed the rule's options (twist, setenv, umask, ...).
// What is run stands in the rules, which the monitor has read itself; here is what it may need for expansions.
struct WrapMessage {
  EngineMessageType type = EngineMessageType::wrap;
  std::uint32_t rules = 0;       // generation of rules
  std::uint32_t generation = 0;  // of the configuration
  std::uint32_t service = 0;
  std::uint32_t rule = 0;
  std::uint32_t option = 0;
  InstanceId instance = 0;
  WireEndpoint client, server;
  // Ended by NUL; empty: nobody asked.
  std::array<char, 256> client_name{}, server_name{};
  std::array<char, 128> client_user{};
};
constexpr std::uint32_t kWrapForStart = UINT32_MAX;

// What the operator did to a service without a file: nothing; no new visits, and who runs ends; no new visits.
enum class Held : std::uint32_t { no = 0, stopped = 1, draining = 2 };

// Remember it for the engines to come, and through reloads.
struct HoldMessage {
  EngineMessageType type = EngineMessageType::hold;
  std::uint32_t generation = 0;
  std::uint32_t service = 0;
  Held how = Held::no;
};

constexpr std::size_t kMaxLooks = 64;

// Which of these instances run a program whose file was replaced since? Answered by Looked.
struct LookMessage {
  EngineMessageType type = EngineMessageType::look;
  std::uint32_t count = 0;  // 1..kMaxLooks
  std::uint64_t number = 0;
  std::array<InstanceId, kMaxLooks> instances{};
};

enum class ReloadAsk : std::uint32_t { reload = 1, plan = 2, confirm = 3 };

// Read the same files again, as by SIGHUP; or only say what would change; or keep what a reload with `confirm_seconds`
// brought. Answered by Reloaded.
struct ReloadMessage {
  EngineMessageType type = EngineMessageType::reload;
  ReloadAsk what = ReloadAsk::reload;
  std::uint32_t confirm_seconds = 0;  // 0: for good; else the former configuration comes back after them
  std::uint32_t reserved = 0;
  std::uint64_t number = 0;
};

// What was found out about the client of the Start that follows, for a program that is told (flag UCSPI).
struct ClientMessage {
  EngineMessageType type = EngineMessageType::client;
  std::uint32_t reserved = 0;
  InstanceId instance = 0;
  // Ended by NUL; empty: not known.
  std::array<char, 256> name{};
  std::array<char, 128> user{};
};

constexpr std::size_t kMaxBansPerMessage = 40;

// Who is banned now, for filters of the monitor's (config/source_filter.h); `first` begins a new list, with `last` it is whole.
struct BansMessage {
  EngineMessageType type = EngineMessageType::bans;
  std::uint32_t count = 0;  // 0..kMaxBansPerMessage
  std::uint32_t first = 0;  // 0 or 1
  std::uint32_t last = 0;
  std::array<WirePrefix, kMaxBansPerMessage> prefixes{};
};

// Put the filter of this moment on the stream listener of a place whose server accepts by itself: the configuration's
// lists without the bans told last. `closed`: nobody may come (access_times).
struct GuardMessage {
  EngineMessageType type = EngineMessageType::guard;
  std::uint32_t generation = 0;
  std::uint32_t place = 0;
  std::uint32_t closed = 0;
};

// ---------------------------------------------------------------- monitor -> engine
enum class MonitorMessageType : std::uint32_t {
  adopt = 101,
  listeners = 102,
  log_files = 103,
  inherit = 104,
  commit = 105,
  started = 106,
  start_failed = 107,
  exited = 108,
  dump = 109,
  check = 110,
  leave = 111,
  wrap_rules = 112,
  command_ended = 113,
  control = 114,
  held = 115,
  looked = 116,
  reloaded = 117
};

// With two descriptors: the bundle's memfd and the daemon's log file (or /dev/null).
struct AdoptMessage {
  MonitorMessageType type = MonitorMessageType::adopt;
  std::uint32_t generation = 0;
  std::uint32_t services = 0;       // as the monitor counts them: a cross-check
  std::uint32_t places = 0;         // likewise
  std::int32_t daemon_pid = 0;      // the pid that log lines name
  std::uint32_t process_limit = 0;  // -limit; UINT32_MAX: none
  std::uint32_t ident_limit = 0;    // -logprocs
  std::uint8_t log_kind = 0;        // DaemonLogTarget::Kind
  std::uint8_t log_facility = 0;
  std::uint8_t log_least = 0;  // Level
  std::uint8_t as_root = 0;    // ParseOptions::running_as_root
  std::uint8_t inetd_compat = 0;
  std::uint8_t reserved[3] = {};
};

constexpr std::uint32_t kOpenedNow = UINT32_MAX;
constexpr std::uint32_t kNotListening = UINT32_MAX - 1;  // it could not be opened
constexpr std::uint32_t kNoPlace = UINT32_MAX;

// Which listener each place has: a descriptor attached to this message (in order), or the one that
// place `inherits` of the generation before has.
struct ListenersMessage {
  struct Entry {
    std::uint32_t place = 0;
    std::uint32_t inherits = kOpenedNow;  // or kNotListening, or an index of the generation before
  };
  MonitorMessageType type = MonitorMessageType::listeners;
  std::uint32_t generation = 0;
  std::uint32_t count = 0;  // 1..kMaxListenersPerMessage
  std::uint32_t reserved = 0;
  std::array<Entry, kMaxListenersPerMessage> entries{};
};

// Log files in the order of LogFiles (config/log_files.h); a descriptor for each set bit of `open`.
struct LogFilesMessage {
  MonitorMessageType type = MonitorMessageType::log_files;
  std::uint32_t generation = 0;
  std::uint32_t first = 0;
  std::uint32_t count = 0;                                  // 1..kMaxLogFilesPerMessage
  std::array<std::uint8_t, kMaxLogFilesPerMessage> open{};  // 1: a descriptor is attached
};

// A running instance that a new engine must count.
struct InheritMessage {
  MonitorMessageType type = MonitorMessageType::inherit;
  std::uint32_t service = 0;  // of the generation being adopted
  InstanceId instance = 0;
  std::int64_t started_ns = 0;  // Instant
  std::int32_t pid = 0;
  std::uint32_t place = kNoPlace;  // wait = yes: whose listener it holds
  WireEndpoint source;
};

struct CommitMessage {
  MonitorMessageType type = MonitorMessageType::commit;
  std::uint32_t generation = 0;
};

struct StartedMessage {
  MonitorMessageType type = MonitorMessageType::started;
  std::int32_t pid = 0;
  InstanceId instance = 0;
};

// Where it failed, see sys/start.h. After StartFailed there is no Exited.
enum class StartStage : std::uint32_t {
  receive = 1,  // the connection's descriptor did not arrive, or none was free for the listener's copy
  refused = 2,  // no such service or generation, or the monitor's own count says the service is full
  clone = 3,    // no process; the connection comes back with the message: try again
  setup = 4,    // in the child, before exec
  exec = 5,
};

struct StartFailedMessage {
  MonitorMessageType type = MonitorMessageType::start_failed;
  StartStage stage = StartStage::clone;
  InstanceId instance = 0;
  std::int32_t sys_errno = 0;
  std::uint32_t reserved = 0;
};

struct ExitedMessage {
  MonitorMessageType type = MonitorMessageType::exited;
  std::int32_t wait_status = 0;
  InstanceId instance = 0;
  std::int64_t cpu_us = 0;
  std::int64_t max_rss_kb = 0;
  // exec failed in the child (the instance was Started, then its exec reported this); 0: none.
  std::int32_t exec_errno = 0;
  StartStage failed_stage = StartStage::exec;
};

// Write the state into the attached file (SIGUSR1).
struct DumpMessage {
  MonitorMessageType type = MonitorMessageType::dump;
  std::uint32_t reserved = 0;
};
// Consistency check (SIGABRT).
struct CheckMessage {
  MonitorMessageType type = MonitorMessageType::check;
  std::uint32_t reserved = 0;
};
// Finish: write what is queued and exit.
struct LeaveMessage {
  MonitorMessageType type = MonitorMessageType::leave;
  std::uint32_t reserved = 0;
};

// The rules of tcp wrappers as their files are now. With their memfd (config/wrap_gather.h) when it is a generation that
// the engine does not have; without one they are unchanged, or can't be had: for the moment (kNoWrapRules), or at all (0).
constexpr std::uint32_t kNoWrapRules = UINT32_MAX;
struct WrapRulesMessage {
  MonitorMessageType type = MonitorMessageType::wrap_rules;
  std::uint32_t rules = 0;
};

// A command of a rule has ended, or there was no place for it.
struct CommandEndedMessage {
  MonitorMessageType type = MonitorMessageType::command_ended;
  std::uint32_t ran = 0;
  InstanceId instance = 0;
  std::int32_t wait_status = 0;
  std::uint32_t reserved = 0;
};

// The control socket's listener (docs/control.md): a descriptor comes with it, or there is none and `listens` is 0. After
// each Ready.
struct ControlMessage {
  MonitorMessageType type = MonitorMessageType::control;
  std::uint32_t listens = 0;            // 0 or 1
  std::int64_t daemon_since_ns = 0;     // Instant of the daemon's start
  std::int64_t configured_wall_ns = 0;  // WallTime at which the configuration came into force
  std::uint32_t engines = 0;            // how many engines there were, this one included
  std::uint32_t reserved = 0;
};

// To a new engine, before Commit: what its predecessor was told to hold.
struct HeldMessage {
  MonitorMessageType type = MonitorMessageType::held;
  std::uint32_t service = 0;  // of the generation being adopted
  Held how = Held::no;
  std::uint32_t reserved = 0;
};

struct LookedMessage {
  MonitorMessageType type = MonitorMessageType::looked;
  std::uint32_t reserved = 0;
  std::uint64_t number = 0;  // that of the question
  std::uint64_t old = 0;     // bit i: instance i of the question runs an old program
};

// With the report (monitor/reload_report.h), and for a plan with the bundle that it was made for.
struct ReloadedMessage {
  MonitorMessageType type = MonitorMessageType::reloaded;
  std::uint32_t done = 0;  // 0 or 1
  std::uint64_t number = 0;
};

using EngineMessage = std::variant<StartMessage, ReadyMessage, UnfitMessage, EndMessage, RestingMessage, ReadWrapRulesMessage, WrapMessage,
                                   HoldMessage, LookMessage, ReloadMessage, BansMessage, GuardMessage, ClientMessage>;
using MonitorMessage = std::variant<AdoptMessage, ListenersMessage, LogFilesMessage, InheritMessage, CommitMessage, StartedMessage,
                                    StartFailedMessage, ExitedMessage, DumpMessage, CheckMessage, LeaveMessage, WrapRulesMessage,
                                    CommandEndedMessage, ControlMessage, HeldMessage, LookedMessage, ReloadedMessage>;

constexpr std::size_t kMaxMessageBytes = sizeof(ListenersMessage);

// What a side got from the other. Foreign bytes.
[[nodiscard]] Result<EngineMessage> decode_engine_message(std::span<const std::byte> datagram);
[[nodiscard]] Result<MonitorMessage> decode_monitor_message(std::span<const std::byte> datagram);

// The bytes to send: messages are sent as they lie in memory.
template <class Message>
[[nodiscard]] std::span<const std::byte> as_bytes(const Message& message) noexcept {
  return std::as_bytes(std::span<const Message, 1>(&message, 1));
}

}  // namespace reeve
