// Firewall: what the process of that name does: it carries the engine's bans into the kernel's packet filter, and sends
// connections to ports that nobody has to the sensor that guards them.
//
// It owns one table of the family inet (defence/nft_rules.h) in the daemon's network namespace and touches no other. What it
// guarantees: a ban is in the kernel soon after it was told, with the engine's end; what others remove or change there is put
// right at the next look; a failure of its own changes nothing that is in force; each change is one transaction, so that there is
// no moment without rules. A look costs one question to the kernel as long as nobody else has changed anything.
//
// The table stays when the process ends unasked, so that a crash opens nothing, and is taken over by the next one. leave()
// removes it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/defence_message.h"
#include "base/result.h"
#include "base/time.h"
#include "defence/nft_bans.h"
#include "defence/nft_generation.h"
#include "defence/nft_rules.h"
#include "defence/nft_session.h"
#include "defence/touched_ports.h"

namespace reeve {

class Firewall {
 public:
  struct Terms {
    std::string table;    // name
    std::string comment;  // whose it is
    bool bans = false;
    bool all_ports = false;
  };
  using Tell = std::function<void(const FromFollower&)>;

  [[nodiscard]] static Result<std::unique_ptr<Firewall>> open(Terms terms, Tell tell);

  void take(const ToFollower& message);
  // Does what there is to do, a transaction at most of each kind. Returns when it wants to be called again, if no message comes.
  Instant work(Instant now);
  // The engine said that nobody follows.
  [[nodiscard]] bool is_leaving() const noexcept { return leaving_; }
  [[nodiscard]] Result<void> leave();

  static constexpr std::chrono::seconds kLookEvery{5};   // whether others have changed something
  static constexpr std::chrono::minutes kReadEvery{10};  // the whole table, also when it seems that nobody has
  static constexpr std::chrono::seconds kTryAgainAfter{5};
  static constexpr std::uint32_t kRestOfReading = 20;  // after a look that took long: so many times as long nothing is read

 private:
  Firewall(Terms terms, Tell tell, NftSession session, NftGeneration generation);
  [[nodiscard]] bool is_told() const noexcept { return has_bans_ && has_guarded_ && has_ports_; }
  void take_ports(const PortsMessage& message);
  [[nodiscard]] Result<void> run(const std::string& commands);
  void look(Instant now);
  void read(Instant now);
  void put_rules(Instant now);
  void fail(const Error& error, Instant now);
  void succeed();
  void say(std::uint32_t level, const std::string& text);
  void state(std::string_view name, const std::string& text);
  void tell_states();

  Terms terms_;
  Tell tell_;
  NftSession session_;
  NftGeneration generation_;
  NftRules rules_;
  NftBans bans_;
  TouchedPorts touched_;
  bool has_bans_ = false, has_guarded_ = false, has_ports_ = false, leaving_ = false;
  std::vector<Prefix> guarded_;  // being told
  NftRules ports_;               // likewise
  bool read_wanted_ = true, rules_wanted_ = false;
  std::string structure_;  // as it was when we had put the rules
  std::optional<std::uint32_t> known_generation_;
  Instant next_look_{}, next_read_{}, not_before_{};
  std::uint64_t drift_ = 0, refused_ = 0;
  std::string trouble_;
  std::vector<std::pair<std::string, std::string>> told_states_;
};

}  // namespace reeve
