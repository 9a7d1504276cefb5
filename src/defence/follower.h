// A follower's door: what every process of this room begins with (base/defence_message.h, monitor/followers.h).
//
// The monitor starts reeved-defence with the socket to the engine as descriptor 3, the bundle as 4, and files of alerts from 5 on;
// the arguments say which follower it is.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/defence_message.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "config/service.h"
#include "record/daemon_log.h"
#include "sys/datagram_link.h"
#include "sys/loop.h"

namespace reeve {

// What a follower begins with.
struct Beginning {
  UniqueFd socket;
  ConfigurationRef configuration;
  std::string directory;               // keeper: where bans are kept; empty: nowhere
  std::vector<UniqueFd> files;         // keeper: of the alert sinks that are files, in their order
  UniqueFd fleet_key, fleet_password;  // keeper: behind them, where there is a fleet
};

// The whole life of the process, from its arguments (without the program's name) to the exit status.
int run_follower(std::span<const char* const> arguments);

// What followers say to the engine besides bans.
void say(DatagramLink& engine, Level level, std::string_view text);
void tell_state(DatagramLink& engine, std::string_view name, std::string_view text);

}  // namespace reeve
