// RecentRecords: the last things that happened to visits, for `reeve log`, whatever the services' own logs keep.
//
// Bound: the last kMost records, about half a megabyte, and of what clients said to sensors kMostShown bytes each; an older one gives its
// place away. Records are numbered from 0 on, so that a reader knows how many it missed. Who follows is woken at most every kPulse, however
// many records come.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/control_session.h"
#include "record/record.h"
#include "sys/loop.h"

namespace reeve {

class RecentRecords {
 public:
  static constexpr std::size_t kMost = 1000;
  static constexpr std::chrono::milliseconds kPulse{20};

  explicit RecentRecords(Loop& loop) noexcept : loop_(loop) {}

  void add(const Record& record);

  // Those from first() up to, not including, next() are there.
  [[nodiscard]] std::uint64_t first() const noexcept { return next_ - kept_.size(); }
  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
  // Its texts are valid until the next add().
  [[nodiscard]] Record at(std::uint64_t number) const;

  // Woken when there is something new, as long as it lives.
  class Following {
   public:
    Following(RecentRecords& records, ControlSession& session);
    Following(const Following&) = delete;
    Following& operator=(const Following&) = delete;
    ~Following();

   private:
    RecentRecords& records_;
    ControlSession& session_;
  };

 private:
  // The texts of a record are views: these are their bytes, whose memory is used again.
  struct Kept {
    Record record;
    std::string service, rule_file, answer, user, data;
  };
  Task<> wake_followers();

  Loop& loop_;
  std::vector<Kept> kept_;
  std::uint64_t next_ = 0;
  std::vector<ControlSession*> followers_;
  bool waking_ = false;
};

}  // namespace reeve
