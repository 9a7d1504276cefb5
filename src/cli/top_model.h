// TopModel: what `reeve top` knows: the last samples of the daemon's counts, and the rates between them. Pure; time is the
// daemon's own, told with each sample.
//
// Counts that fall (another engine, a service that a reload removed) begin anew. Bounds: kMostHistory samples; kMostServices
// services, of more only the first are kept; sources and bans have theirs (source_table.h, top_feed.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/source_table.h"
#include "cli/top_sample.h"

namespace reeve {

// How fast a count grows, over the last kWindow, and at least over the last two samples.
class CountRate {
 public:
  static constexpr std::chrono::milliseconds kWindow{5000};

  void add(std::chrono::milliseconds at, std::uint64_t count);
  [[nodiscard]] double per_second() const noexcept;

 private:
  struct Sample {
    std::chrono::milliseconds at;
    std::uint64_t count;
  };
  std::deque<Sample> samples_;
};

struct ServiceLine {
  ServiceCount count;
  CountRate admitted, refused;
};

// One second of the picture; nothing is known of a gap.
struct Tick {
  double admitted = 0, refused = 0;  // a second
  bool is_gap = false;
};

class TopModel {
 public:
  static constexpr std::size_t kMostHistory = 600;
  static constexpr std::size_t kMostServices = 10'000;

  void take(const Counts& counts);
  // What came in answer to "all since record `from`"; nullopt: the first time, about the past.
  void take(const Happenings& happenings, std::optional<std::uint64_t> from);
  void take(BanPage page) { bans_ = std::move(page); }
  // The daemon is gone, and why. The next counts end that.
  void lose(std::string why);

  [[nodiscard]] const std::optional<Counts>& counts() const noexcept { return counts_; }  // without items
  [[nodiscard]] const std::deque<Tick>& history() const noexcept { return history_; }
  [[nodiscard]] const std::unordered_map<std::string, ServiceLine>& services() const noexcept { return services_; }
  [[nodiscard]] const SourceTable& sources() const noexcept { return sources_; }
  [[nodiscard]] const BanPage& bans() const noexcept { return bans_; }
  [[nodiscard]] const std::optional<std::string>& trouble() const noexcept { return trouble_; }
  // For how many records each counted that came with the last sample; 1: all came.
  [[nodiscard]] double record_weight() const noexcept { return record_weight_; }

 private:
  std::optional<Counts> counts_;
  std::deque<Tick> history_;
  std::unordered_map<std::string, ServiceLine> services_;
  SourceTable sources_;
  BanPage bans_;
  std::optional<std::string> trouble_;
  std::optional<std::chrono::milliseconds> records_at_;
  double record_weight_ = 1;
};

}  // namespace reeve
