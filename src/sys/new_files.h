// new_files: writes files that were not there before.
//
// All or none as far as it can be known beforehand: when one of them is there already, none is written, unless they may be
// replaced; then each is written beside its place and moved onto it, so that nobody reads half a file. A link in the
// place is not followed.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace reeve {

struct NewFile {
  std::string path, text;
};

// Whoever runs the command owns them; everybody may read them, as the umask allows.
[[nodiscard]] Result<void> write_new_files(std::span<const NewFile> files, bool may_replace);

}  // namespace reeve
