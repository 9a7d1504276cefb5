// check: all that is wrong or doubtful in a configuration, and what would start nevertheless.
#pragma once

#include <string>

#include "base/file_reader.h"
#include "base/names.h"
#include "cli/answer.h"
#include "config/parse.h"

namespace reeve {

struct CheckRequest {
  std::string path;
  ParseOptions options;
  bool strict = false;  // warnings count: exit code 1
  bool json = false;    // one document
  bool colour = false;
};

[[nodiscard]] Answer check(const CheckRequest& request, FileReader& files, Names& names);

}  // namespace reeve
