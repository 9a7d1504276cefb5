// FleetCommands: what a fleet says to its Redis server, and where its records are there.
//
//   NAME:ban:NODE:PREFIX, NAME:lift:NODE:PREFIX   one record each, with a time to live
//   NAME:log                                      a stream of all of them as they come, trimmed at about kLogLength
//   NAME:nodes                                    a hash: node -> its latest `here` record
// Pure texts. docs/defence.md says what an ACL user needs for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "defence/fleet_record.h"
#include "defence/redis_link.h"

namespace reeve {

class FleetCommands {
 public:
  static constexpr std::size_t kLogLength = 100'000;
  static constexpr std::size_t kBatch = 1000;

  explicit FleetCommands(std::string name) noexcept : name_(std::move(name)) {}

  // `password` may be empty: then there is nothing to say.
  [[nodiscard]] static std::vector<RedisCommand> log_in(const std::string& user, const std::string& password);
  // Answered with the script's name.
  [[nodiscard]] static RedisCommand load_script();
  // Stores a record and appends it to the log, both or none.
  [[nodiscard]] RedisCommand publish(const std::string& script, const FleetRecord& record, const std::string& signed_record,
                                     WallMs left) const;
  [[nodiscard]] static RedisCommand time() { return {"TIME"}; }
  [[nodiscard]] RedisCommand last_position() const { return {"XREVRANGE", log(), "+", "-", "COUNT", "1"}; }
  [[nodiscard]] RedisCommand first_position() const { return {"XRANGE", log(), "-", "+", "COUNT", "1"}; }
  [[nodiscard]] RedisCommand read_log(const std::string& position, std::int64_t wait_ms) const;
  [[nodiscard]] RedisCommand scan(FleetRecord::Kind kind, const std::string& cursor) const;
  // One for all values, and one for each time to live.
  [[nodiscard]] static std::vector<RedisCommand> read_keys(const std::vector<std::string>& keys);
  [[nodiscard]] RedisCommand announce(const std::string& node, const std::string& signed_record) const;
  [[nodiscard]] RedisCommand nodes() const { return {"HGETALL", name_ + ":nodes"}; }
  [[nodiscard]] RedisCommand forget_nodes(const std::vector<std::string>& names) const;

 private:
  [[nodiscard]] std::string log() const { return name_ + ":log"; }

  std::string name_;
};

// The milliseconds of a stream's position ("1700000000000-0"), and the number behind them.
struct LogPosition {
  std::int64_t ms = 0, number = 0;
  friend auto operator<=>(const LogPosition&, const LogPosition&) = default;
};
[[nodiscard]] LogPosition read_position(std::string_view text) noexcept;  // zeros where it is none
// The answer of TIME in milliseconds; 0 where it is something else.
[[nodiscard]] std::int64_t read_time(const RedisValue& answer) noexcept;

}  // namespace reeve
