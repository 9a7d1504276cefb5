// What the monitor says to the engine; base/message.h says when.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/engine_message.h"
#include "base/wire_values.h"

namespace reeve {

constexpr std::size_t kMaxListenersPerMessage = 120;  // SCM_MAX_FD is 253
constexpr std::size_t kMaxLogFilesPerMessage = 120;

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
  reloaded = 117,
  follower = 118
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

// Who carries bans into the world (base/defence_message.h).
enum class FollowerKind : std::uint32_t { keeper = 1, firewall = 2 };
constexpr std::size_t kFollowerKinds = 2;

// A follower runs: the socket to it comes with the message; or, where `runs` is 0, there is none any more by intention.
struct FollowerMessage {
  MonitorMessageType type = MonitorMessageType::follower;
  FollowerKind kind = FollowerKind::keeper;
  std::uint32_t runs = 0;  // 0 or 1
  std::uint32_t reserved = 0;
};

}  // namespace reeve
