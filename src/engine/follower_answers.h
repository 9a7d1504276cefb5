// FollowerAnswers: what commands of the control socket wait for from followers: the lines that answer a question, and that a ban is on
// disk.
//
// Who waits is woken by the number of a MonitorAnswer, which also has the deadline. Bounded as that is: by the sessions of the control
// socket, and by kMostLines of one answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/defence_message.h"
#include "engine/monitor_answers.h"

namespace reeve {

class FollowerAnswers {
 public:
  static constexpr std::size_t kMostLines = 10'000;

  explicit FollowerAnswers(MonitorAnswers& waiting) noexcept : waiting_(waiting) {}
  FollowerAnswers(const FollowerAnswers&) = delete;
  FollowerAnswers& operator=(const FollowerAnswers&) = delete;

  // While it lives, the lines that answer question `number` come to it.
  class Lines {
   public:
    Lines(FollowerAnswers& table, std::uint64_t number);
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    ~Lines();
    std::vector<std::string> lines;  // JSON
    std::string trouble;             // why there are none

   private:
    FollowerAnswers& table_;
    std::uint64_t number_;
  };
  void take(const AnswerMessage& message);

  // `answer` comes when change `change` is on disk, or when it is clear that it will not be.
  void await_kept(std::uint64_t change, std::uint64_t answer);
  void kept(std::uint64_t up_to);
  void never_kept();

 private:
  MonitorAnswers& waiting_;
  std::map<std::uint64_t, Lines*> questions_;
  std::multimap<std::uint64_t, std::uint64_t> changes_;  // to answers
};

}  // namespace reeve
