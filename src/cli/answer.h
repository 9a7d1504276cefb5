// Answer: what a verb of `reeve` has to say. The verbs are pure; the door (reeve.cc) writes and exits.
#pragma once

#include <string>
#include <vector>

namespace reeve {

// Exit codes of `reeve`, as its manual has them.
constexpr int kClean = 0;
constexpr int kDoubtful = 1;  // warnings, with --strict
constexpr int kWrong = 2;     // errors; or the question couldn't be answered

struct Answer {
  struct File {
    std::string path, text;
  };
  std::string out;  // standard output
  std::string err;  // standard error
  int exit_code = kClean;
  std::vector<File> files;  // to be written, over what is there
};

}  // namespace reeve
