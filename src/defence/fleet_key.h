// FleetKey: what the nodes of a fleet share, so that each knows the others' records from forged ones.
//
// HMAC-SHA256 (RFC 2104) over a text and the fleet's name, so that a key that two fleets use still makes two kinds of records.
// The key is what the key file holds, without the blanks around it, at least kFewestKeyBytes: random bytes as text
// (`head -c 32 /dev/urandom | base64`). It is never written anywhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reeve {

class FleetKey {
 public:
  static constexpr std::size_t kFewestKeyBytes = 32, kMostKeyBytes = 4096;
  static constexpr std::size_t kSignatureDigits = 64;

  // `secret` as a file has it.
  [[nodiscard]] static Result<FleetKey> from(std::string_view secret, std::string_view fleet);

  // In hexadecimal digits.
  [[nodiscard]] std::string sign(std::string_view text) const;
  // Takes the same time wherever the two differ.
  [[nodiscard]] bool is_signature(std::string_view signature, std::string_view text) const;

 private:
  FleetKey(std::string key, std::string fleet) noexcept : key_(std::move(key)), fleet_(std::move(fleet)) {}

  std::string key_, fleet_;
};

// The whole of a small file that holds a secret, from its beginning; refused if everybody may read or write it. `path`: what it is
// called in what is wrong with it.
[[nodiscard]] Result<std::string> read_secret(int file, const std::string& path);
// Without blanks and line ends at both ends.
[[nodiscard]] std::string_view without_blanks_around(std::string_view text) noexcept;

}  // namespace reeve
