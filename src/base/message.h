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
// Followers:                                     <-   Follower + socket
//   of bans            WantKeeper             ->
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

#include <cstddef>
#include <span>
#include <variant>

#include "base/engine_message.h"
#include "base/monitor_message.h"
#include "base/result.h"

namespace reeve {

using EngineMessage = std::variant<StartMessage, ReadyMessage, UnfitMessage, EndMessage, RestingMessage, ReadWrapRulesMessage, WrapMessage,
                                   HoldMessage, LookMessage, ReloadMessage, BansMessage, GuardMessage, ClientMessage, WantKeeperMessage>;
using MonitorMessage = std::variant<AdoptMessage, ListenersMessage, LogFilesMessage, InheritMessage, CommitMessage, StartedMessage,
                                    StartFailedMessage, ExitedMessage, DumpMessage, CheckMessage, LeaveMessage, WrapRulesMessage,
                                    CommandEndedMessage, ControlMessage, HeldMessage, LookedMessage, ReloadedMessage, FollowerMessage>;

constexpr std::size_t kMaxMessageBytes = sizeof(ListenersMessage);

// What a side got from the other. Foreign bytes.
[[nodiscard]] Result<EngineMessage> decode_engine_message(std::span<const std::byte> datagram);
[[nodiscard]] Result<MonitorMessage> decode_monitor_message(std::span<const std::byte> datagram);

}  // namespace reeve
