#include "control/pace.h"

#include <algorithm>

namespace reeve {

Instant Pace::take(std::uint32_t uid, Instant now) {
  auto user = std::ranges::find(users_, uid, &User::uid);
  if (user == users_.end()) {
    if (users_.size() < kMaxUsers) {
      users_.push_back({uid, now});
      user = users_.end() - 1;
    } else {
      user = std::ranges::min_element(users_, {}, &User::clear);
      *user = {uid, now};
    }
  }
  user->clear = std::max(user->clear, now) + cost_;
  return std::max(now, user->clear - credit_);
}

}  // namespace reeve
