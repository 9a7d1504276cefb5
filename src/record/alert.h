// Alert: one event of the defence, as those who want to be told at once hear of it.
//
// Made by the keeper (defence/alert_thread.h) from what the engine tells, and written in the form that a receiver wants
// (record/alert_formats.h). A plain value: whoever makes it supplies clocks and randomness.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/defence_message.h"
#include "base/time.h"
#include "config/alert_form.h"

namespace reeve {

struct Alert {
  std::string id;  // a UUID
  DefenceEvent event = DefenceEvent::banned;
  BanOrigin origin = BanOrigin::sensor;
  std::optional<Prefix> prefix;
  std::optional<Endpoint> source, local;
  std::uint32_t protocol = 0;  // IPPROTO number; 0: none
  std::string service, reason;
  std::uint32_t hits = 0;
  WallTime at;
  std::optional<WallTime> until;  // of the ban
  bool for_ever = false;          // a ban without an end
  std::string recorded;           // what a sensor recorded: any bytes
  std::string machine;
};

// `random` becomes the id.
[[nodiscard]] Alert alert_of(const EventMessage& event, Instant now, WallTime wall, std::string_view machine,
                             const std::array<std::uint8_t, 16>& random);

// Does the event say that somebody is shut out from now on?
[[nodiscard]] bool says_ban(DefenceEvent event) noexcept;
// "sensor touched", "source banned", ...
[[nodiscard]] std::string_view title_of(DefenceEvent event) noexcept;

// One field as text, not escaped; empty: the alert doesn't say it. Addresses have no port here.
[[nodiscard]] std::string text_of(const Alert& alert, AlertField field);

}  // namespace reeve
