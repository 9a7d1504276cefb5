// Report: collects what is to be said about a configuration, entry by entry.
//
// What an entry's diagnostics cost is known only at its end (an entry that is switched off costs nobody
// anything), so they wait until the entry is closed. Bounded: a file of noise yields kMaxDiagnostics, not
// millions; what is left out still counts for `errors` and `unusable`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/diagnostic.h"

namespace reeve {

class Report {
 public:
  static constexpr std::size_t kMaxDiagnostics = 1000;
  static constexpr std::size_t kMaxOfEntry = 100;

  void add(Severity severity, Scope scope, Where where, std::string text, std::string hint = {});
  void note(Where where, std::string text, std::string hint = {}) {
    add(Severity::note, Scope::attribute, where, std::move(text), std::move(hint));
  }
  void warning(Where where, std::string text, std::string hint = {}) {
    add(Severity::warning, Scope::attribute, where, std::move(text), std::move(hint));
  }
  void error(Scope scope, Where where, std::string text, std::string hint = {}) {
    add(Severity::error, scope, where, std::move(text), std::move(hint));
  }

  // The entry's first `count` errors, or all, turn into warnings.
  void excuse(std::size_t count = SIZE_MAX);
  void excuse_one(std::size_t index);
  [[nodiscard]] std::size_t pending() const noexcept { return pending_.size(); }
  // The entry is over; `service` is the id it turned out to have.
  void close_entry(std::string_view service);

  // Sorted by file, line and column. The Report is empty afterwards.
  [[nodiscard]] std::vector<Diagnostic> take();
  [[nodiscard]] bool has_errors() const noexcept { return errors_ > 0; }
  [[nodiscard]] bool is_unusable() const noexcept { return unusable_; }

 private:
  std::vector<Diagnostic> pending_, closed_;
  std::size_t errors_ = 0, left_out_ = 0;
  Where first_left_out_;
  bool unusable_ = false;
};

}  // namespace reeve
