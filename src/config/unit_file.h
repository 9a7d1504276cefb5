// UnitFile: what a unit of systemd says, setting by setting (systemd.syntax(7)).
//
// A unit is one file and its drop-ins, in their order. Lines that end in a backslash go on in the next one; an empty value
// takes back what was said before. Foreign bytes: whatever the text, what can't be read is a diagnostic with its line.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/diagnostic.h"
#include "config/where.h"

namespace reeve {

struct UnitSetting {
  std::string section, key, value;
  Where where;
};

class UnitFile {
 public:
  static constexpr std::size_t kMostSettings = 10'000;

  void read(std::string_view text, std::uint16_t file, std::vector<Diagnostic>& problems);

  // What holds of a setting that counts once; nullptr without it. Both mark the key as heard.
  [[nodiscard]] const UnitSetting* last(std::string_view section, std::string_view key);
  // What holds of one that may stand several times.
  [[nodiscard]] std::vector<const UnitSetting*> all(std::string_view section, std::string_view key);
  // What nobody has asked for, in the order of the text; sections and keys that begin with X- are somebody else's.
  [[nodiscard]] std::vector<const UnitSetting*> unheard() const;

 private:
  std::vector<UnitSetting> settings_;
  std::set<std::pair<std::string, std::string>> heard_;
};

}  // namespace reeve
