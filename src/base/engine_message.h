// What the engine says to the monitor; base/message.h says when.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/wire_values.h"

namespace reeve {

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
  client = 13,
  want_keeper = 14
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

// There is a ban to be kept, and no keeper.
struct WantKeeperMessage {
  EngineMessageType type = EngineMessageType::want_keeper;
  std::uint32_t reserved = 0;
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

}  // namespace reeve
