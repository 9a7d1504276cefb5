// NftBans: the bans that the kernel is to have, and the commands that get it there. Pure: no clock, no kernel.
//
// The firewall process tells it what the engine tells (put, lift, or everything anew between begin and end), runs the commands
// that take() makes of it, and from time to time holds it against what the kernel has (compare). What has ended by its time
// needs no command: the kernel's elements have the same end.
//
// Bound: kMostBans; what comes more is counted and not told to the kernel (the engine refuses it all the same).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/address.h"
#include "base/time.h"
#include "defence/nft_listing.h"

namespace reeve {

class NftBans {
 public:
  static constexpr std::size_t kMostBans = 250'000;  // reading back so many takes 200 MB for a moment
  static constexpr std::size_t kAtOnce = 5'000;      // elements of one transaction

  NftBans();
  ~NftBans();

  void begin();                                                  // what is put until end() is all there is
  void put(const Prefix& prefix, std::optional<Instant> until);  // nullopt: for ever
  void lift(const Prefix& prefix);
  void end();

  // Is there something that the kernel has not been told?
  [[nodiscard]] bool has_changes() const noexcept;
  // Commands for up to kAtOnce changes, as one transaction. They count as told: when it fails, compare() finds them again.
  [[nodiscard]] std::string take(const std::string& table, Instant now);

  // What is not as it should be becomes a change. Returns how many. The kernel wrote the list between `began` and `ended`.
  std::size_t compare(const NftListing& listing, Instant began, Instant ended);
  // The same where the kernel has nothing.
  void all_anew(Instant now);

  // All names of sets that are needed, former ones included.
  [[nodiscard]] const std::set<std::string>& sets() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::size_t left_out() const noexcept;
  // Forgets what has ended.
  void expire(Instant now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reeve
