// ban_tables: the tables of the store's file, and how a file of an earlier version becomes one of today's.
//
// Used by defence/ban_store. PRAGMA user_version says which version a file has. A version is a step in kSteps, which never changes
// once it was released; a new one goes behind it.
#pragma once

#include "defence/database.h"

namespace reeve {

// In one transaction. Kind::newer: made by a later reeve, left untouched.
[[nodiscard]] Stored<void> bring_up_to_date(Database& database);

}  // namespace reeve
