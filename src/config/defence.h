// Defence: what defaults says of bans: how they grow, who is spared, where they are kept and who is told.
//
// It is the whole daemon's, so it stands in `defaults`. Immutable once its Configuration is built. Who acts on it: the engine on
// bans and penalties, the keeper (defence/keeper.h) on store, lists, alerts and fleet, the firewall (defence/firewall.h) on the
// kernel's tables. Each part has its reader in a file config/apply_*.cc of its own.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "config/where.h"

namespace reeve {

// How bans are made, whoever makes them.
struct BanTerms {
  std::uint32_t growth = 1;                   // each further ban of the same prefix is this many times as long as the one before
  std::chrono::minutes most{0};               // ban_max: no ban that grew is longer; 0: no bound
  std::chrono::minutes memory{30 * 24 * 60};  // for how long a former ban is remembered
  std::uint8_t bits_v4 = 32, bits_v6 = 64;    // ban_prefix: what is banned around an address
  std::vector<Prefix> never;                  // never_ban, beside what the machine itself tells
  Where never_where;
  enum class Scope : std::uint8_t { services, host } scope = Scope::services;
  bool in_kernel = false;  // kernel_bans = yes

  friend bool operator==(const BanTerms&, const BanTerms&) = default;
};

// What adds to a source's score, over all services.
enum class Offence : std::uint8_t { refused, early_close, silent, crash, sensor };
constexpr std::size_t kOffences = 5;
[[nodiscard]] std::string_view to_text(Offence offence) noexcept;  // as in the file

// Where the score reaches `limit` the source's prefix is banned for `ban`.
struct PenaltyTerms {
  std::uint32_t limit = 100;
  std::chrono::seconds ban{600};
  std::chrono::seconds half_life{300};  // after which half of a score is forgotten
  std::uint32_t score[kOffences] = {};  // of one offence; 0: it is none
  [[nodiscard]] bool are_on() const noexcept {
    return std::ranges::any_of(score, [](std::uint32_t one) { return one != 0; });
  }

  friend bool operator==(const PenaltyTerms&, const PenaltyTerms&) = default;
};

struct StoreTerms {
  bool off = false;       // state_directory = no
  std::string directory;  // empty: the daemon's own choice

  friend bool operator==(const StoreTerms&, const StoreTerms&) = default;
};

// One who is told of events.
struct AlertSink {
  enum class Kind : std::uint8_t { file, http, syslog, command } kind = Kind::file;
  enum class Format : std::uint8_t { json, idmef, idmef2, cef, plain, custom } format = Format::json;
  std::string target;                    // path, URL, or the command's path
  std::vector<std::string> arguments;    // of the command
  std::uint8_t facility = 4, level = 5;  // syslog, as in syslog(3)
  Where where;

  friend bool operator==(const AlertSink&, const AlertSink&) = default;
};

struct AlertTerms {
  std::vector<AlertSink> sinks;
  std::string form_path, form_text;     // alert_form: what Format::custom fills in, see config/alert_form.h
  std::uint32_t most_per_minute = 600;  // alert_rate: what comes more is counted and said once

  friend bool operator==(const AlertTerms&, const AlertTerms&) = default;
};

// Prefixes that others collected.
struct BanList {
  std::string source;  // path or URL
  Where where;

  friend bool operator==(const BanList&, const BanList&) = default;
};
struct BanListTerms {
  std::vector<BanList> lists;
  std::chrono::minutes refresh{60};

  friend bool operator==(const BanListTerms&, const BanListTerms&) = default;
};

struct FleetTerms {
  std::string host;  // of the Redis server; empty: no fleet
  std::uint16_t port = 6379;
  std::string path;            // its unix socket instead
  std::string name = "reeve";  // of the fleet: what its keys in the store begin with
  std::string node;            // ours; empty: the machine's name
  std::string user, password_file;
  std::string key_file;                         // what records are signed with
  std::uint8_t widest_v4 = 24, widest_v6 = 48;  // what another node may ban at most
  std::uint32_t most_per_minute = 6000;         // that is taken from one node
  Where where;
  [[nodiscard]] bool is_on() const noexcept { return !host.empty() || !path.empty(); }

  friend bool operator==(const FleetTerms&, const FleetTerms&) = default;
};

struct Defence {
  BanTerms bans;
  PenaltyTerms penalties;
  StoreTerms store;
  AlertTerms alerts;
  BanListTerms lists;
  FleetTerms fleet;

  friend bool operator==(const Defence&, const Defence&) = default;
};

}  // namespace reeve
