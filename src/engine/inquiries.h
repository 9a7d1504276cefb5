// Inquiries: what is asked about visits on their way in: the name of a client's machine (DNS, hosts) and the user there
// (ident). Reception asks when a verdict is Undecided, and for log lines that name the user.
//
// Nothing waits longer than its deadline: kNameDeadline for a name, kUserDeadline for a user. Who waits for an answer
// delays nobody else.
//
// Bounds: kMaxUnderWay visits may be undecided at once, kMaxFromSource of them from one source (/32, /64): what is more
// is refused with Reason::inquiries. Users asked for only for the log are bounded by -logprocs, a quarter of it for one
// source: what is more is not asked.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "base/identity.h"
#include "engine/ident.h"
#include "policy/decide.h"
#include "sys/loop.h"
#include "sys/resolver.h"

namespace reeve {

class Inquiries {
 public:
  static constexpr std::chrono::seconds kNameDeadline = Resolver::kLookupDeadline;
  static constexpr std::chrono::seconds kUserDeadline{5};
  // For a service that only logs the user: so long it is not started, so that its client's end is still there when
  // its machine is asked. Who answers later is logged all the same.
  static constexpr std::chrono::milliseconds kHeadStart{250};
  static constexpr std::uint32_t kMaxUnderWay = 512;
  static constexpr std::uint32_t kMaxFromSource = 128;

  explicit Inquiries(Loop& loop);

  // How many places are taken, in all and by whom.
  class Crowd {
   public:
    struct Limits {
      std::uint32_t all = 0, from_source = 0;
    };
    [[nodiscard]] bool enter(const Prefix& source, Limits limits);
    void leave(const Prefix& source);
    [[nodiscard]] std::uint32_t size() const noexcept { return size_; }

   private:
    std::uint32_t size_ = 0;
    std::map<Prefix, std::uint32_t> by_source_;
  };
  // One visit's place; given back at the end of its life.
  class Place {
   public:
    Place(Crowd& crowd, const Prefix& source) noexcept : crowd_(&crowd), source_(source) {}
    Place(Place&& other) noexcept : crowd_(std::exchange(other.crowd_, nullptr)), source_(other.source_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (crowd_ != nullptr) crowd_->leave(source_);
    }

   private:
    Crowd* crowd_;
    Prefix source_;
  };
  // For a visit that is undecided; nullopt at the bounds.
  [[nodiscard]] std::optional<Place> enter(const Address& source);

  // The name of a client, or of one of our own addresses. Within kNameDeadline.
  [[nodiscard]] Task<HostName> name_of(Address address);
  // The user of a connection. Within kUserDeadline; nullopt, because the connection is gone, is unknown.
  [[nodiscard]] Task<RemoteUser> user_of(std::optional<IdentQuestion> question);
  // Finds out what an undecided visit needs. `connection` and `identity` must outlive it.
  [[nodiscard]] Task<> find_out(Undecided::Need need, Address source, int connection, Identity& identity);

  // Asks for the log only: `told` is called with the answer, if the bound allows the question. Ends with the answer or
  // at `patience`, whichever comes first; the question goes on by itself.
  using Told = std::function<void(const RemoteUser&)>;
  [[nodiscard]] Task<> user_for_log(IdentQuestion question, Instant patience, Told told);

  void set_log_limit(std::uint32_t limit) noexcept { log_limit_ = limit; }
  [[nodiscard]] Resolver& resolver() noexcept { return resolver_; }
  [[nodiscard]] std::uint32_t under_way() const noexcept { return undecided_.size(); }
  [[nodiscard]] std::uint32_t asked_for_log() const noexcept { return for_log_.size(); }

 private:
  struct HeadStart;
  Task<> tell_user(IdentQuestion question, Told told, Place place, std::shared_ptr<HeadStart> head_start);
  Task<> end_head_start(std::shared_ptr<HeadStart> head_start, Instant when);

  Loop& loop_;
  Resolver resolver_;
  Crowd undecided_, for_log_;
  std::uint32_t most_under_way_;
  std::uint32_t log_limit_ = 0;
};

}  // namespace reeve
