#include "cli/load.h"

#include <utility>

#include "config/inetd.h"

namespace reeve {

Result<Loaded> load(const std::string& path, const ParseOptions& options, FileReader& files, Names& names) {
  Result<Bundle> bundle = gather_for(path, options, files);
  if (!bundle) return std::unexpected(std::move(bundle).error());
  Parsed parsed = parse(*bundle, names, options);
  return Loaded{.bundle = std::move(*bundle), .parsed = std::move(parsed)};
}

}  // namespace reeve
