// Report: collects what is to be said about a configuration, entry by entry.
//
// What an entry's diagnostics cost is known only at its end (an entry that is switched off costs nobody
// anything), so they wait until the entry is closed. Bounded: an entry yields kMaxOfEntry and the first of each kind
// behind them, a file of noise kMaxDiagnostics, not millions; what is left out of these still counts for `errors` and
// `unusable`. So whatever cost a service is an error of the Report, whatever was excused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/diagnostic.h"

namespace reeve {

// What turns an error into a warning, at the end of its entry.
enum class Pardon : std::uint8_t {
  none,
  lenience,  // the entry is lenient
  enabling,  // a `disable = no` that comes after it, under compat = xinetd
  enabled,   // which came
};

class Report {
 public:
  static constexpr std::size_t kMaxDiagnostics = 1000;
  static constexpr std::size_t kMaxOfEntry = 100;

  void add(Severity severity, Scope scope, Where where, std::string text, std::string hint = {}, Pardon pardon = Pardon::none);
  void note(Where where, std::string text, std::string hint = {}) {
    add(Severity::note, Scope::attribute, where, std::move(text), std::move(hint));
  }
  void warning(Where where, std::string text, std::string hint = {}) {
    add(Severity::warning, Scope::attribute, where, std::move(text), std::move(hint));
  }
  void error(Scope scope, Where where, std::string text, std::string hint = {}, Pardon pardon = Pardon::none) {
    add(Severity::error, scope, where, std::move(text), std::move(hint), pardon);
  }

  // What awaits enabling in this entry is enabled.
  void enable();
  // The entry's errors with this pardon turn into warnings.
  void excuse(Pardon pardon);
  void excuse_all();
  // The entry is over; `service` is the id it turned out to have.
  void close_entry(std::string_view service);

  // Sorted by file, line and column. The Report is empty afterwards.
  [[nodiscard]] std::vector<Diagnostic> take();
  [[nodiscard]] bool has_errors() const noexcept { return errors_ > 0; }
  [[nodiscard]] bool is_unusable() const noexcept { return unusable_; }

 private:
  struct Pending {
    Diagnostic diagnostic;
    Pardon pardon = Pardon::none;
  };
  static void excuse(Diagnostic& diagnostic) noexcept;
  // Is it the first of its severity, scope and pardon in the entry? From now on it was.
  [[nodiscard]] bool is_new_kind(const Pending& one) noexcept;

  std::vector<Pending> pending_;
  std::uint64_t kinds_ = 0;  // that the entry has had, a bit each
  std::vector<Diagnostic> closed_;
  std::size_t errors_ = 0, left_out_ = 0;
  Where first_left_out_;
  bool unusable_ = false;
};

}  // namespace reeve
