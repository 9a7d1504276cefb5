// VirtualGate: the engine's gate in virtual time, for `reeve explain`, `replay` and `simulate`.
//
// Owns one configuration's accounts, the ledger and the bans, and answers visits as the engine would: bans, lists, limits,
// sensors, and listeners that rest because of cps. All by the engine's own code (policy/admission.h, policy/sensor.h); here
// is only what the engine does around it. Pure: time, load and identities come in with the visits, whose moments must not
// run backwards. Of penalties it knows refusals and sensors: what a client says or does not say, and how a program ends, is in
// no visit. Not asked: hosts.allow and hosts.deny (policy/wrap_match.h), which change no count.
#pragma once

#include <cstdint>
#include <vector>

#include "policy/admission.h"
#include "policy/offence.h"
#include "policy/sensor.h"

namespace reeve {

class VirtualGate {
 public:
  struct Visit {
    std::uint32_t service = 0;  // index into Configuration::services
    Address source;             // as the engine gets it: Address{} for a wait = yes stream's client
    Instant now;
    LocalMinute local;
    double load = 0;
    const Identity* identity = nullptr;  // nullptr: nothing is known; a verdict may be Undecided then
  };

  struct Answer {
    Verdict verdict;  // a sensor's visitor is refused with Reason::sensor, as the log would say
    // When admitted: it counts as running until the ticket is gone. Keep it until the instance ends; empty for datagrams
    // of built-in services, which have no instances.
    Ticket ticket;
    std::optional<Account::Overload> overload;  // when shed by cps
    std::optional<Touch> touch;                 // when it touched a sensor
    std::optional<Penalty> penalty;             // when it is banned for all that it did (penalties)
    bool unheard = false;                       // the listener rests: the kernel refuses it, nobody notices; reason cps

    [[nodiscard]] const Refusal* refusal() const noexcept { return std::get_if<Refusal>(&verdict); }
    [[nodiscard]] const Undecided* undecided() const noexcept { return std::get_if<Undecided>(&verdict); }
    [[nodiscard]] bool admitted() const noexcept { return std::holds_alternative<Admitted>(verdict); }
  };

  explicit VirtualGate(ConfigurationRef configuration, std::uint32_t process_limit = kUnlimited,
                       std::size_t most_bans = BanTable::kDefaultCapacity);

  [[nodiscard]] Answer visit(const Visit& visit);
  // What decide() would be asked with; nothing is counted.
  [[nodiscard]] Facts facts(const Visit& visit);
  // Does the service's listener rest at this moment?
  [[nodiscard]] bool is_resting(std::uint32_t service, Instant now) const;

  // An instance that runs already: no rate.
  [[nodiscard]] Ticket adopt(std::uint32_t service, const Address& source);

  [[nodiscard]] const Configuration& configuration() const noexcept { return *configuration_; }
  [[nodiscard]] Account& account(std::uint32_t service) noexcept { return accounts_[service]; }
  [[nodiscard]] BanTable& bans() noexcept { return admission_.bans(); }
  [[nodiscard]] std::uint32_t processes() noexcept { return admission_.ledger().processes(); }

 private:
  [[nodiscard]] Admission::Visit to_ask(const Visit& visit) const noexcept;
  void end_bans(Instant now);
  void note(Answer& answer, const Visit& visit, Offence offence);

  ConfigurationRef configuration_;
  Admission admission_;
  std::vector<Account> accounts_;  // one for each service
};

}  // namespace reeve
