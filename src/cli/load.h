// load: the configuration as the daemon would have it, for a verb to look at.
#pragma once

#include <string>

#include "base/file_reader.h"
#include "base/names.h"
#include "base/result.h"
#include "config/bundle.h"
#include "config/parse.h"

namespace reeve {

struct Loaded {
  Bundle bundle;
  Parsed parsed;
};

// Fails only when the file itself can't be read.
[[nodiscard]] Result<Loaded> load(const std::string& path, const ParseOptions& options, FileReader& files, Names& names);

}  // namespace reeve
