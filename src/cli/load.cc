#include "cli/load.h"

#include <utility>

#include "config/inetd.h"

namespace reeve {

Result<Loaded> load(const std::string& path, const ParseOptions& options, FileReader& files, Names& names) {
  Result<Bundle> bundle = gather(path, files);
  if (!bundle) return std::unexpected(std::move(bundle).error());
  if (options.inetd_compat) {
    const Result<void> added = add_inetd(*bundle, kInetdConf, files);
    if (!added) bundle->problems.push_back({.severity = Severity::warning, .text = added.error().text()});
  }
  Parsed parsed = parse(*bundle, names, options);
  return Loaded{.bundle = std::move(*bundle), .parsed = std::move(parsed)};
}

}  // namespace reeve
