#include "engine/follower_answers.h"

#include <cstdint>
#include <utility>

namespace reeve {

FollowerAnswers::Lines::Lines(FollowerAnswers& table, std::uint64_t number) : table_(table), number_(number) {
  table_.questions_.emplace(number_, this);
}

FollowerAnswers::Lines::~Lines() {
  table_.questions_.erase(number_);
}

void FollowerAnswers::take(const AnswerMessage& message) {
  const auto found = questions_.find(message.number);
  if (found == questions_.end()) return;  // nobody waits any more
  Lines& lines = *found->second;
  if (message.last == 0) {
    if (lines.lines.size() < kMostLines) lines.lines.emplace_back(text_of(message.text));
    return;
  }
  lines.trouble = text_of(message.text);
  waiting_.come(message.number, 0, {});
}

void FollowerAnswers::await_kept(std::uint64_t change, std::uint64_t answer) {
  changes_.emplace(change, answer);
}

// Who was woken may ask for something else: each is taken out before.
void FollowerAnswers::kept(std::uint64_t up_to) {
  while (!changes_.empty() && changes_.begin()->first <= up_to) {
    const std::uint64_t answer = changes_.begin()->second;
    changes_.erase(changes_.begin());
    waiting_.come(answer, 0, {});
  }
}

void FollowerAnswers::never_kept() {
  kept(UINT64_MAX);
}

}  // namespace reeve
