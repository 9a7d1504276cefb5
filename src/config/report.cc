#include "config/report.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace reeve {

void Report::add(Severity severity, Scope scope, Where where, std::string text, std::string hint) {
  if (pending_.size() >= kMaxOfEntry) {
    // Never lose the one that costs more than what is there already.
    Diagnostic& last = pending_.back();
    if (severity < last.severity || (severity == last.severity && scope <= last.scope)) return;
    last = {severity, scope, where, std::move(text), std::move(hint), {}};
    return;
  }
  pending_.push_back({severity, scope, where, std::move(text), std::move(hint), {}});
}

void Report::excuse(std::size_t count) {
  for (std::size_t at = 0; at < std::min(count, pending_.size()); ++at) excuse_one(at);
}

void Report::excuse_one(std::size_t index) {
  if (index >= pending_.size() || pending_[index].severity != Severity::error) return;
  pending_[index].severity = Severity::warning;
  pending_[index].scope = Scope::attribute;
}

void Report::close_entry(std::string_view service) {
  for (Diagnostic& diagnostic : pending_) {
    if (diagnostic.severity == Severity::error) {
      ++errors_;
      unusable_ = unusable_ || diagnostic.scope == Scope::configuration;
    }
    if (closed_.size() >= kMaxDiagnostics) {
      if (left_out_++ == 0) first_left_out_ = diagnostic.where;
      continue;
    }
    diagnostic.service = service;
    closed_.push_back(std::move(diagnostic));
  }
  pending_.clear();
}

std::vector<Diagnostic> Report::take() {
  close_entry({});
  const auto position = [](const Diagnostic& one) { return std::tuple(one.where.file, one.where.line, one.where.column); };
  std::stable_sort(closed_.begin(), closed_.end(), [&](const Diagnostic& a, const Diagnostic& b) { return position(a) < position(b); });
  if (left_out_ > 0) {
    closed_.push_back({Severity::warning,
                       Scope::attribute,
                       first_left_out_,
                       fmt::format("{} further messages are left out, from here on", left_out_),
                       "correct those above first",
                       {}});
  }
  return std::move(closed_);
}

}  // namespace reeve
