// convert_command: `reeve convert` on the command line.
#pragma once

#include "cli/answer.h"
#include "cli/convert.h"

namespace CLI {
class App;
}

namespace reeve {

struct ConvertCommand {
  CLI::App* verb = nullptr;  // that was added
  std::string from, to;
  ConvertRequest request;
  bool may_replace = false;

  void add_to(CLI::App& app);
  // Converts, and writes what is to be written. `path` is the configuration where none was named.
  [[nodiscard]] Answer run(std::string path, bool colour);
};

}  // namespace reeve
