// inetd_import: xinetd.conf's text from an inetd.conf of any dialect.
//
// The file is read as `reeved --inetd` reads it (config/inetd.h), and what each line is turned into is written down. A line
// that is wrong, or means what xinetd.conf can't say (an argument with a blank), becomes an entry with `disable = yes`, or a
// comment where there is not enough of it.
#pragma once

#include "base/names.h"
#include "config/bundle.h"
#include "config/entry_text.h"

namespace reeve {

// Of the bundle's inetd_file.
[[nodiscard]] Imported import_inetd(const Bundle& bundle, Names& names);

}  // namespace reeve
