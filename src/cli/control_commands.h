// ControlCommands: the verbs of reeve that ask the running daemon. They are given to the command line's parser here, and
// carried out here.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "cli/answer.h"

namespace CLI {
class App;
}

namespace reeve {

class ControlCommands {
 public:
  explicit ControlCommands(CLI::App& app);
  ~ControlCommands();

  // After parsing; nullopt: none of these verbs was asked for. What has no end (`log -f`) goes to `write` piece by piece,
  // until that is false.
  [[nodiscard]] std::optional<Answer> run(bool colour, const std::function<bool(std::string_view)>& write);

 private:
  struct Verbs;
  std::unique_ptr<Verbs> verbs_;
};

}  // namespace reeve
