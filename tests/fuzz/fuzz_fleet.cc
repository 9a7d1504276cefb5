// What another node signed is still foreign: a record is read in its one spelling or not at all.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "defence/fleet_commands.h"
#include "defence/fleet_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reeve;
  static const FleetKey key = *FleetKey::from("a secret of thirty-two bytes or more", "fuzz");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)read_record(text, key);
  (void)read_position(text);
  FleetRecord record;
  if (!read_body(text, record)) return 0;
  REEVE_CHECK(body_of(record) == text);
  REEVE_CHECK(is_node_name(record.node) && record.said < record.until);
  REEVE_CHECK(record.prefix.bits <= 128 && Prefix::of(record.prefix.address, record.prefix.bits) == record.prefix);
  const std::string line = write_record(record, key);
  if (line.size() > kMaxFleetRecordBytes) return 0;
  const ReadRecord read = read_record(line, key);
  REEVE_CHECK(read.fault == RecordFault::none && read.record == record);
  return 0;
}
