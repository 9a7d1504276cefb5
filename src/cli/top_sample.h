// What `reeve top` is told, as values: the answers to `counts`, `log` and `bans` (docs/control.md). Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/control_client.h"

namespace reeve {

struct ServiceCount {
  std::string id, state;
  std::uint64_t running = 0, admitted = 0, refused = 0;
  std::string last_refusal;  // the reason; "" for none yet
};

struct Counts {
  std::chrono::milliseconds at{};  // since the engine's start, by its clock
  std::string version;
  bool may_act = false;
  std::int64_t engine_pid = 0, uptime_s = 0;
  std::uint64_t services = 0, running = 0, admitted = 0, refused = 0, bans = 0;
  double load = 0;
  std::optional<std::vector<ServiceCount>> items;  // when they were asked for
};

// A visit that was admitted or refused.
struct Happening {
  std::string source, service;
  std::string reason;  // "": admitted
};

// How many records are asked for at once. When as many come, there were more, and each stands for several.
constexpr std::size_t kMostRecords = 256;

// What happened between record `from` and record `next`.
struct Happenings {
  std::uint64_t next = 0;
  std::uint64_t records = 0;  // how many came, also of other kinds
  std::vector<Happening> visits;
};

struct BanLine {
  std::string prefix, reason;
  std::optional<std::int64_t> left_s;  // nullopt: for ever
  std::int64_t age_s = 0;
  std::uint64_t hits = 0;
};

struct BanPage {
  std::uint64_t all = 0;  // how many there are
  std::vector<BanLine> bans;
};

[[nodiscard]] Counts counts_of(const ControlReply& reply, bool with_services);
[[nodiscard]] Happenings happenings_of(const ControlReply& reply);
[[nodiscard]] BanPage ban_page_of(const ControlReply& reply);

}  // namespace reeve
