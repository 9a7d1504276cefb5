// WrapQuestions: what rules of tcp wrappers want to know about a visit, in the words that their patterns use.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/address.h"
#include "engine/inquiries.h"
#include "sys/loop.h"

namespace reeve {

class WrapQuestions {
 public:
  // The longest that a rule's `rfc931` may make somebody wait.
  static constexpr std::chrono::seconds kMostUserTime{30};

  WrapQuestions(Loop& loop, Inquiries& inquiries) noexcept : loop_(loop), inquiries_(inquiries) {}

  // A place among those who wait for answers; nullopt: there are too many, and the visit is to be refused.
  [[nodiscard]] std::optional<Inquiries::Place> enter(const Address& source) { return inquiries_.enter(source); }
  // The machine's name; "unknown" where there is none or it can't be had in time, "paranoid" where it doesn't lead back to
  // the address.
  [[nodiscard]] Task<std::string> name_of(std::optional<Endpoint> host);
  // The user at the other end of a connection, or "unknown". `most`: how long to wait, 0 the usual time.
  [[nodiscard]] Task<std::string> user_of(int connection, std::chrono::seconds most);

 private:
  Loop& loop_;
  Inquiries& inquiries_;
};

}  // namespace reeve
