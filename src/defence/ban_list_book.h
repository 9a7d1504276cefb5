// BanListBook: which list holds which prefixes, and what follows from a new reading of one.
//
// Each reading bans anew all that it holds, for a few readings' time, so that a list that stays away for long loses its effect.
// What a list no longer holds is lifted, unless another list does. A reading that fails changes nothing. What lists had banned when
// the keeper began, the engine tells; it belongs to the list of that name until that is read. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "config/defence.h"

namespace reeve {

class BanListBook {
 public:
  static constexpr int kReadingsUntilEnd = 3;

  explicit BanListBook(const BanListTerms& terms);

  [[nodiscard]] std::size_t size() const noexcept { return lists_.size(); }
  // For people, without what may be secret: the last part of a path, or host and that.
  [[nodiscard]] const std::string& name(std::size_t list) const noexcept { return lists_[list].name; }
  [[nodiscard]] const std::vector<Prefix>& prefixes(std::size_t list) const noexcept { return lists_[list].prefixes; }

  // A ban of the list `name` is in force. False: there is no such list any more.
  bool inherit(std::string_view name, const Prefix& prefix);
  // All that was in force is known; to be called before the next read().
  void inherited();

  struct Change {
    std::size_t added = 0;
    std::vector<Prefix> gone;  // to be lifted
  };
  // `prefixes` are sorted and distinct (config/prefix_list.h).
  Change read(std::size_t list, std::vector<Prefix> prefixes);

 private:
  struct Listed {
    std::string name;
    std::vector<Prefix> prefixes;  // sorted
    bool is_read = false;
  };
  std::vector<Listed> lists_;
};

// The name of one list.
[[nodiscard]] std::string list_name(std::string_view source);

}  // namespace reeve
