// Messages between the engine and its followers: the keeper (defence/keeper.h) and the firewall (defence/firewall.h).
//
// The engine's ban table is the authority. A follower carries into the world what it is told, and may propose: what the store
// kept, what a list or the fleet says. Each message is one datagram of a SOCK_SEQPACKET pair, a fixed-size structure; decode_* accept
// it only if its length is exactly its type's and all values are in range. Whoever gets anything else ends the connection.
// All times are Instants (CLOCK_BOOTTIME): both sides run on one machine; who needs a date makes it from both clocks.
//
//   a follower's life:     engine                        follower
//     the keeper                                    <-   Ban (kept) (0..n), Offender (0..n), Loaded
//     both                 Guarded (1..n)           ->
//     the firewall         Ports (1..n)             ->   where the engine listens; again whenever that changes
//                          Begin, Ban (0..n), End   ->   what is in force now
//   from then on           Ban                      ->   each ban that is new or changed
//                          Lift                     ->   by the operator, the fleet, a list
//                          Event                    ->   to the keeper: what alerts are made of
//                                                   <-   Kept: on disk up to that number
//                                                   <-   Ban, Lift (origin fleet, list)
//                                                   <-   Say: for the daemon's log; State: for `reeve status`
//                                                   <-   Touched: by the firewall, a datagram came to a port that nobody has
//     the firewall         Withdraw                 ->   take the rules away and end: nobody follows. Without it (the engine died,
//                                                        or another firewall takes over) they stay.
//     questions            Ask                      ->
//                                                   <-   Answer (0..n), the last one marked
// What has ended by its time is not told: each side knows the time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/wire_values.h"

namespace reeve {

// Who says that somebody is banned.
enum class BanOrigin : std::uint32_t { sensor = 1, penalty = 2, operator_ = 3, fleet = 4, list = 5, store = 6 };
[[nodiscard]] std::string_view to_text(BanOrigin origin) noexcept;

constexpr std::int64_t kForEverNs = INT64_MAX;

enum class DefenceMessageType : std::uint32_t {
  begin = 1,
  ban = 2,
  end = 3,
  lift = 4,
  guarded = 5,
  event = 6,
  ask = 7,
  ports = 8,
  withdraw = 9,
  loaded = 101,
  offender = 102,
  kept = 103,
  say = 104,
  state = 105,
  answer = 106,
  touched = 107,
};

// Forget what you knew: what is in force follows, until End.
struct BeginMessage {
  DefenceMessageType type = DefenceMessageType::begin;
  std::uint32_t reserved = 0;
};
struct EndOfBansMessage {
  DefenceMessageType type = DefenceMessageType::end;
  std::uint32_t reserved = 0;
  std::uint64_t number = 0;  // as BanMessage::number
};

// A ban as it is in force, or is proposed to be. Both directions.
struct BanMessage {
  DefenceMessageType type = DefenceMessageType::ban;
  BanOrigin origin = BanOrigin::sensor;
  WirePrefix prefix;
  std::uint8_t kept = 0;  // from the keeper: 1: the store kept it from a former life of the daemon; 0: it is a proposal
  std::uint8_t reserved[6] = {};
  std::uint32_t hits = 1;
  std::uint32_t times = 1;        // which ban of this prefix it is, former ones included
  std::int64_t since_ns = 0;      // Instant
  std::int64_t until_ns = 0;      // Instant; kForEverNs
  std::uint64_t number = 0;       // rises with each change that the engine tells; 0 from followers
  std::array<char, 64> reason{};  // ended by NUL, printable
  std::array<char, 64> node{};    // fleet: whose ban it is; list: which list; else empty
};

struct LiftMessage {
  DefenceMessageType type = DefenceMessageType::lift;
  BanOrigin origin = BanOrigin::operator_;
  WirePrefix prefix;
  std::uint8_t reserved[7] = {};
  std::uint64_t number = 0;
};

constexpr std::size_t kMaxGuardedPerMessage = 40;

// Who is never banned; `first` begins a new list, with `last` it is whole.
struct GuardedMessage {
  DefenceMessageType type = DefenceMessageType::guarded;
  std::uint32_t count = 0;
  std::uint8_t first = 0;
  std::uint8_t last = 0;
  std::uint8_t reserved[2] = {};
  std::array<WirePrefix, kMaxGuardedPerMessage> prefixes{};
};

// A port that the engine listens on.
struct WirePort {
  std::uint16_t port = 0;
  std::uint8_t protocol = 0;  // IPPROTO number
  std::uint8_t v4 = 0, v6 = 0;
  std::uint8_t is_sensor = 0;  // it is where connections to ports that nobody has are to go
  std::uint8_t reserved[2] = {};
};

constexpr std::size_t kMaxPortsPerMessage = 100;

// `first` begins a new list, with `last` it is whole.
struct PortsMessage {
  DefenceMessageType type = DefenceMessageType::ports;
  std::uint32_t count = 0;
  std::uint8_t first = 0;
  std::uint8_t last = 0;
  std::uint8_t reserved[2] = {};
  std::array<WirePort, kMaxPortsPerMessage> ports{};
};

struct WithdrawMessage {
  DefenceMessageType type = DefenceMessageType::withdraw;
  std::uint32_t reserved = 0;
};

// Something that somebody may want to be told of at once.
enum class DefenceEvent : std::uint32_t { banned = 1, extended = 2, lifted = 3, ended = 4, spared = 5, table_full = 6, touched = 7 };
[[nodiscard]] std::string_view to_text(DefenceEvent event) noexcept;

constexpr std::size_t kMaxEventDetail = 512;

struct EventMessage {
  DefenceMessageType type = DefenceMessageType::event;
  DefenceEvent what = DefenceEvent::banned;
  BanOrigin origin = BanOrigin::sensor;
  std::uint32_t hits = 0;
  WirePrefix prefix;  // what is banned
  std::uint8_t reserved[7] = {};
  WireEndpoint source;             // who did it, where that is known
  WireEndpoint local;              // and where
  std::int64_t at_ns = 0;          // Instant
  std::int64_t until_ns = 0;       // of the ban
  std::array<char, 64> service{};  // id
  std::array<char, 64> reason{};
  std::uint32_t protocol = 0;     // IPPROTO number; 0: none
  std::uint32_t detail_size = 0;  // bytes of `detail`: what a sensor recorded, as it came
  std::array<char, kMaxEventDetail> detail{};
};

// A question of the control socket's. `what` decides who is asked and what `text` means.
enum class DefenceQuestion : std::uint32_t { history = 1, preview = 2 };
struct AskMessage {
  DefenceMessageType type = DefenceMessageType::ask;
  DefenceQuestion what = DefenceQuestion::history;
  std::uint64_t number = 0;
  WirePrefix prefix;  // history: of whom; ::/0 of all
  std::uint8_t reserved[3] = {};
  std::uint32_t most = 0;  // answers
};

struct LoadedMessage {
  DefenceMessageType type = DefenceMessageType::loaded;
  std::uint32_t durable = 0;  // 1: what is told from now on is kept
};

// Somebody who was banned before, and is not now.
struct OffenderMessage {
  DefenceMessageType type = DefenceMessageType::offender;
  std::uint32_t times = 0;
  WirePrefix prefix;
  std::uint8_t reserved[7] = {};
  std::int64_t ended_ns = 0;  // Instant: when the last ban ended
};

// All changes up to that number are on disk.
struct KeptMessage {
  DefenceMessageType type = DefenceMessageType::kept;
  std::uint32_t reserved = 0;
  std::uint64_t number = 0;
};

struct SayMessage {
  DefenceMessageType type = DefenceMessageType::say;
  std::uint32_t level = 0;  // Level of record/daemon_log.h
  std::array<char, 512> text{};
};

// A figure or a word that `reeve status` shows: "fleet_lag_ms" "12". A later one of the same name takes its place.
struct StateMessage {
  DefenceMessageType type = DefenceMessageType::state;
  std::uint32_t reserved = 0;
  std::array<char, 32> name{};
  std::array<char, 96> text{};
};

// One line of an answer, as JSON without newline; `last`: the end, with an empty text or what went wrong.
struct AnswerMessage {
  DefenceMessageType type = DefenceMessageType::answer;
  std::uint32_t last = 0;
  std::uint64_t number = 0;
  std::array<char, 512> text{};
};

// Somebody sent a datagram to a port that nobody has. Only said: where it came from is easily forged.
struct TouchedMessage {
  DefenceMessageType type = DefenceMessageType::touched;
  std::uint32_t protocol = 0;  // IPPROTO number
  WireEndpoint source;         // without a port
  std::uint16_t port = 0;      // that was touched
  std::uint8_t reserved[6] = {};
};

using ToFollower = std::variant<BeginMessage, BanMessage, EndOfBansMessage, LiftMessage, GuardedMessage, EventMessage, AskMessage,
                                PortsMessage, WithdrawMessage>;
using FromFollower = std::variant<BanMessage, LiftMessage, LoadedMessage, OffenderMessage, KeptMessage, SayMessage, StateMessage,
                                  AnswerMessage, TouchedMessage>;

constexpr std::size_t kMaxDefenceMessageBytes = 1024;

// Foreign bytes.
[[nodiscard]] Result<ToFollower> decode_to_follower(std::span<const std::byte> datagram);
[[nodiscard]] Result<FromFollower> decode_from_follower(std::span<const std::byte> datagram);

// A text with spaces: cut to fit, what is not printable replaced by '?'. text_of() reads it (base/wire_values.h).
template <std::size_t size>
void put_words(std::array<char, size>& field, std::string_view text) noexcept {
  field.fill('\0');
  const std::size_t most = text.size() < size ? text.size() : size - 1;
  for (std::size_t each = 0; each < most; ++each) field[each] = text[each] >= ' ' && text[each] < '\x7f' ? text[each] : '?';
}

}  // namespace reeve
