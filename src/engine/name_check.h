// Name check: tells the administrator which host names of only_from and no_access have no address, since they match
// nobody. A service, not a decision: one name after the other is looked up behind everything else, after a start or a
// reload, and nothing waits for it.
//
// Bounds: kMaxNames different names are looked at; after kMaxFailures look-ups without an answer it gives up.
#pragma once

#include <cstdint>

#include "config/service.h"
#include "engine/inquiries.h"
#include "record/journal.h"

namespace reeve {

class NameCheck {
 public:
  static constexpr std::size_t kMaxNames = 1000;
  static constexpr int kMaxFailures = 3;

  NameCheck(Loop& loop, Inquiries& inquiries, Journal& journal) noexcept : loop_(loop), inquiries_(inquiries), journal_(journal) {}

  // Ends a check of another configuration that is still going on.
  void begin(const ConfigurationRef& configuration);

 private:
  Task<> check(ConfigurationRef configuration, std::uint32_t turn);
  void say_missing(const Configuration& configuration, const Service& service, const AccessEntry& entry);

  Loop& loop_;
  Inquiries& inquiries_;
  Journal& journal_;
  std::uint32_t turn_ = 0;
};

}  // namespace reeve
