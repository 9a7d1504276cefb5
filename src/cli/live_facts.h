// LiveFacts: what the running daemon knows of visits of one source, asked by the control socket.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>

#include "cli/control_client.h"
#include "cli/explanation.h"

namespace reeve {

struct LiveFacts {
  struct OfService {
    std::uint32_t running = 0, running_from = 0;
    bool over_cps = false, over_source_rate = false, is_resting = false, is_stopped = false;
  };
  std::string configuration;  // the daemon's file
  bool banned = false;
  std::string ban_text;  // "for 59 minutes more, because of sensor trap"
  double load = 0;
  Pressure pressure;
  std::string never_banned, penalty_text;  // as in KnownFacts
  std::uint32_t processes = 0, process_limit = kUnlimited;
  std::map<std::string, OfService, std::less<>> services;  // by id

  // Takes the place of what is only assumed.
  void complete(const Service& service, KnownFacts& known) const;
};

[[nodiscard]] std::expected<LiveFacts, ControlTrouble> ask_facts(const std::string& socket, const Address& source);

}  // namespace reeve
