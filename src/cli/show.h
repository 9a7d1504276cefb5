// show: the effective configuration, each value with the place it comes from.
#pragma once

#include <string>
#include <vector>

#include "base/file_reader.h"
#include "base/names.h"
#include "cli/answer.h"
#include "config/parse.h"

namespace reeve {

struct ShowRequest {
  enum class Form : std::uint8_t {
    explained,  // xinetd's syntax with a column of origins, for people
    plain,      // what was set, defaults folded in and no origins: can be read as a configuration
    json,
  };
  std::string path;
  ParseOptions options;
  std::vector<std::string> services;  // ids or names; empty: all
  Form form = Form::explained;
};

[[nodiscard]] Answer show(const ShowRequest& request, FileReader& files, Names& names);

}  // namespace reeve
