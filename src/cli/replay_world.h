// ReplayWorld: one configuration in virtual time, visited by what a log tells.
//
// A visit that it admits stays until the log tells of its end (EXIT, by pid, by port, or else the first that came). Where
// the log tells of no ends, or its daemon had not admitted the visit, it is taken to last as long as others of its service
// did, or as long as is assumed where that is not known either. Time does not run backwards: a line that is older than one before it
// happens with that one.
//
// Bounds: kMostInside visits at a time; more are judged and leave at once, and are counted (crowded_out()). Per service the
// ledger's own for sources (policy/ledger.h), of bans the ban table's.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "cli/wrap_answer.h"
#include "policy/virtual_gate.h"
#include "record/log_line.h"

namespace reeve {

struct ReplayOutcome {
  enum class What : std::uint8_t {
    admitted,
    refused,
    undecided,  // its name or its user decides, which no log tells
  };
  What what = What::admitted;
  Reason reason = Reason::address;  // refused
  Where where;                      // refused; line 0: no line says so. libwrap: of the bundle of WrapFiles
  bool unheard = false;             // refused by the kernel: the listener rests
};

class ReplayWorld {
 public:
  static constexpr std::size_t kMostInside = 1'000'000;

  struct Assumptions {
    std::chrono::nanoseconds duration = std::chrono::seconds(1);
    double load = 0;
    std::uint32_t process_limit = kUnlimited;
    const WrapFiles* wrap = nullptr;  // hosts.allow and hosts.deny; nullptr: they have no rules
  };

  ReplayWorld(ConfigurationRef configuration, const Assumptions& assumptions);

  [[nodiscard]] const Configuration& configuration() const noexcept { return gate_.configuration(); }
  // By id, else by name.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view service) const;

  // The log tells of the ends of its visits: wait for them from the first one on.
  void expect_ends(std::string_view service);
  // `line`: a start, a refusal or a request.
  [[nodiscard]] ReplayOutcome arrive(std::uint32_t service, const Address& source, const LogLine& line, Instant now, LocalMinute local);
  // `line`: an exit.
  void leave(std::uint32_t service, const LogLine& line, Instant now);

  [[nodiscard]] std::uint64_t crowded_out() const noexcept { return crowded_out_; }
  [[nodiscard]] std::uint64_t assumed_ends() const noexcept { return assumed_ends_; }
  [[nodiscard]] std::size_t bans() noexcept { return gate_.bans().size(); }

 private:
  using Index = std::uint32_t;

  // By which a visit's end is recognised.
  struct Key {
    Endpoint source;  // where there is no pid, and the log has ports
    std::uint32_t service = 0;
    std::int32_t pid = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct HashOfKey {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Inside {
    Ticket ticket;
    Key key;
    std::uint32_t serial = 0;  // another one for each visit that has this cell
    bool is_keyed = false;
    bool awaits_exit = false;  // the log's daemon let it in, so it may tell of its end
  };
  struct End {
    Instant at;
    Index cell = 0;
    std::uint32_t serial = 0;
    friend bool operator>(const End& one, const End& other) noexcept { return one.at > other.at; }
  };
  struct OfService {
    std::deque<std::pair<Index, std::uint32_t>> unkeyed;  // cells and serials, in the order of arrival
    bool ends = false;                                    // the log tells of ends
    std::uint64_t durations = 0;
    std::chrono::nanoseconds total{};
  };

  [[nodiscard]] ReplayOutcome ask_wrappers(const Service& service, const Address& source, bool was_refused) const;
  void enter(std::uint32_t service, const LogLine& line, Ticket ticket, Instant now);
  void release(Index cell);
  void end_until(Instant now);
  [[nodiscard]] static Key key_of(std::uint32_t service, const LogLine& line) noexcept;
  [[nodiscard]] std::chrono::nanoseconds usual_duration(const OfService& service) const noexcept;

  Assumptions assumptions_;
  VirtualGate gate_;  // before the tickets
  boost::unordered_flat_map<std::string_view, std::uint32_t> services_;
  std::vector<OfService> of_services_;
  std::vector<Inside> cells_;
  std::vector<Index> free_;
  boost::unordered_flat_map<Key, Index, HashOfKey> by_key_;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
  std::uint64_t crowded_out_ = 0, assumed_ends_ = 0;
};

}  // namespace reeve
