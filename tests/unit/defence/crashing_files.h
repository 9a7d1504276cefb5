// crashing_files: a file system for SQLite that ends the process at the n-th thing that is written, so that a test can see what a store
// looks like after a death at every single step.
//
// Two kinds of death. A killed process leaves behind all that it wrote, the last write perhaps by half. A machine without power
// leaves behind what was synced, and nothing else: after such a death restore_synced() makes the directory look so.
#pragma once

#include <string>

namespace reeve {

struct Death {
  int step = 0;          // 1: the first write, sync, truncation or removal; 0: never
  bool in_half = false;  // of a write only half is done before it
};

// From now on all databases of this process are on such files. `synced`: a directory for copies of what is synced.
void use_crashing_files(const Death& death, std::string synced);

// What `directory` looks like after the loss of power.
void restore_synced(const std::string& directory, const std::string& synced);

}  // namespace reeve
