// NftRules: our table of the packet filter as text for nft(8). Pure.
//
// The firewall process makes it from what it was told; nothing here talks to the kernel. The table (docs/defence.md shows it):
//
//   guarded4, guarded6     who is never banned
//   ban4_24, ban6_64, ...  a set for each length of prefixes that are banned, with the time that is left of each. Sets of whole
//                          keys, not of intervals: prefixes that lie in one another stay apart, each with its own end.
//   judge                  guarded ones pass, banned ones are dropped
//   incoming               what begins a connection is judged: at all ports, or at `ports_tcp`, `ports_udp`
//   unused                 connections to ports that nobody has go to the sensor's listener; datagrams are noted in `touched4`,
//                          `touched6`
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace reeve {

constexpr std::size_t kMaxTouchedPorts = 4096;  // datagrams' sources and ports that are remembered for kTouchedSeconds
constexpr unsigned kTouchedSeconds = 60;

struct NftRules {
  std::string table;    // its name
  std::string comment;  // whose it is
  bool has_bans = false;
  bool all_ports = false;  // bans hold at all ports of the host, else at the following
  std::bitset<65536> tcp_ports, udp_ports;
  std::uint16_t sensor_port4 = 0, sensor_port6 = 0;  // where connections to unused ports go; 0: nowhere
  std::vector<Prefix> guarded;
  std::set<std::string> ban_sets;  // names

  // Creates what is missing and makes the rest as it is to be, whatever it was; sets of bans keep their elements.
  [[nodiscard]] std::string assertion() const;
  // Removes everything, if there is something.
  [[nodiscard]] std::string removal() const;

 private:
  void add_sets(std::string& text) const;
  void add_chain(std::string& text, std::string_view name, std::string_view hook) const;
  void add_judgement(std::string& text) const;
  void add_sensor(std::string& text) const;
};

// Which set a ban is in ("ban4_24"); nullopt: one that the kernel is not told of, because it is all the world.
[[nodiscard]] std::optional<std::string> ban_set_of(const Prefix& prefix);
// "ban4_24" and "192.0.2.0" to the prefix; nullopt: none of ours.
[[nodiscard]] std::optional<Prefix> prefix_of(std::string_view set, std::string_view element);

// The name of our table: `path` is what tells daemons apart, the file that they were started with.
[[nodiscard]] std::string nft_table_name(std::string_view path);
[[nodiscard]] std::string nft_comment(std::string_view path);

}  // namespace reeve
