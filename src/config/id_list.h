// IdList: the ids of `enabled` or `disabled`, and which of them there are.
#pragma once

#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "config/draft.h"

namespace reeve {

class IdList {
 public:
  explicit IdList(const ListDraft<Text>& list);

  [[nodiscard]] bool is_given() const noexcept { return given_; }
  // Ignores case; remembers that there is such a service.
  [[nodiscard]] bool holds(std::string_view id);
  // Notes the ids that no service turned out to have.
  void note_unknown(Report& report, std::string_view attribute) const;

 private:
  struct Entry {
    Text written;
    bool seen = false;
  };

  bool given_;
  Where where_;
  boost::unordered_flat_map<std::string, Entry> ids_;  // by their lower-case form
};

}  // namespace reeve
