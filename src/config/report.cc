#include "config/report.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace reeve {

bool Report::is_new_kind(const Pending& one) noexcept {
  const unsigned severity = static_cast<unsigned>(one.diagnostic.severity), scope = static_cast<unsigned>(one.diagnostic.scope);
  const std::uint64_t kind = std::uint64_t{1} << (severity * 16 + scope * 4 + static_cast<unsigned>(one.pardon));
  const bool is_new = (kinds_ & kind) == 0;
  kinds_ |= kind;
  return is_new;
}

void Report::add(Severity severity, Scope scope, Where where, std::string text, std::string hint, Pardon pardon) {
  Pending one{{severity, scope, where, std::move(text), std::move(hint), {}}, pardon};
  if (is_new_kind(one) || pending_.size() < kMaxOfEntry) pending_.push_back(std::move(one));
}

void Report::enable() {
  kinds_ = 0;
  std::size_t kept = 0;
  for (Pending& one : pending_) {
    if (one.pardon == Pardon::enabling) one.pardon = Pardon::enabled;
    const bool is_new = is_new_kind(one);
    if (!is_new && kept >= kMaxOfEntry) continue;
    if (&pending_[kept] != &one) pending_[kept] = std::move(one);
    ++kept;
  }
  pending_.resize(kept);
}

void Report::excuse(Diagnostic& diagnostic) noexcept {
  if (diagnostic.severity != Severity::error) return;
  diagnostic.severity = Severity::warning;
  diagnostic.scope = Scope::attribute;
}

void Report::excuse(Pardon pardon) {
  for (Pending& one : pending_) {
    if (one.pardon == pardon) excuse(one.diagnostic);
  }
}

void Report::excuse_all() {
  for (Pending& one : pending_) excuse(one.diagnostic);
}

void Report::close_entry(std::string_view service) {
  for (Pending& one : pending_) {
    Diagnostic& diagnostic = one.diagnostic;
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
  kinds_ = 0;
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
