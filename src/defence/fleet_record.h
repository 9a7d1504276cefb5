// FleetRecord: what one node of a fleet tells the others, as a line of text that only they can make.
//
//   reeve1 SIGNATURE ban NODE PREFIX ORIGIN SAID SINCE UNTIL HITS TIMES REASON
//   reeve1 SIGNATURE lift NODE PREFIX SAID UNTIL
//   reeve1 SIGNATURE here NODE SAID UNTIL
//
// Times are milliseconds since 1970. SAID: when the node made the statement; of two statements about a prefix the later one
// holds. SINCE: when the ban began. UNTIL: when the record ends; of a ban it is the ban's end, or earlier where its node renews it.
// The signature is over the rest (defence/fleet_key.h) and is looked at first. There is one spelling of each
// record: what would be written differently is refused. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/defence_message.h"
#include "base/result.h"
#include "defence/fleet_key.h"

namespace reeve {

using WallMs = std::int64_t;

struct FleetRecord {
  enum class Kind : std::uint8_t { ban, lift, here } kind = Kind::ban;
  std::string node;
  Prefix prefix;                         // ban, lift
  BanOrigin origin = BanOrigin::sensor;  // ban: sensor, penalty or operator
  WallMs said = 0, since = 0, until = 0;
  std::uint32_t hits = 1, times = 1;  // ban
  std::string reason;                 // ban: printable ASCII, less than 64 bytes, no blanks around it; may be empty

  friend bool operator==(const FleetRecord&, const FleetRecord&) = default;
};

constexpr std::size_t kMaxNodeName = 63;
constexpr std::size_t kMaxFleetRecordBytes = 512;

// Letters, digits, '.', '-' and '_', at most kMaxNodeName.
[[nodiscard]] bool is_node_name(std::string_view name) noexcept;

[[nodiscard]] std::string write_record(const FleetRecord& record, const FleetKey& key);

enum class RecordFault : std::uint8_t { none, unsigned_, malformed };
struct ReadRecord {
  RecordFault fault = RecordFault::none;
  FleetRecord record;  // where there is no fault
};
// Foreign bytes.
[[nodiscard]] ReadRecord read_record(std::string_view text, const FleetKey& key);

// What is signed: the record without mark and signature.
[[nodiscard]] std::string body_of(const FleetRecord& record);
[[nodiscard]] bool read_body(std::string_view body, FleetRecord& record);

}  // namespace reeve
