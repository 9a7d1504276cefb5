#include "engine/recent_records.h"

#include "base/check.h"
#include "sys/clock.h"

namespace reeve {

void RecentRecords::add(const Record& record) {
  if (kept_.size() < kMost) {
    kept_.emplace_back();
    // Place `next_ % kMost` is the one that was just made, as none was given away yet.
  }
  Kept& kept = kept_[next_ % kMost];
  kept.record = record;
  kept.service.assign(record.service);
  kept.rule_file.assign(record.rule_file);
  kept.answer.assign(record.answer);
  kept.user.assign(record.user);
  kept.data.assign(record.data.substr(0, kMostShown));
  ++next_;
  if (followers_.empty() || waking_) return;
  waking_ = true;
  loop_.start(wake_followers());
}

Record RecentRecords::at(std::uint64_t number) const {
  REEVE_CHECK(number >= first() && number < next_);
  const Kept& kept = kept_[number % kMost];
  Record record = kept.record;
  record.service = kept.service;
  record.rule_file = kept.rule_file;
  record.answer = kept.answer;
  record.user = kept.user;
  record.data = kept.data;
  return record;
}

Task<> RecentRecords::wake_followers() {
  const Instant then = instant_now() + kPulse;
  co_await loop_.sleep_until(then);
  waking_ = false;
  for (ControlSession* const follower : followers_) follower->wake();
}

RecentRecords::Following::Following(RecentRecords& records, ControlSession& session) : records_(records), session_(session) {
  records_.followers_.push_back(&session_);
}

RecentRecords::Following::~Following() {
  std::erase(records_.followers_, &session_);
}

}  // namespace reeve
