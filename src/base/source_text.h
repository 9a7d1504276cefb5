// Who visits, read back from the text that to_text(Address) makes of him: an address, "uid:1000" for a user of this machine who
// came by a unix socket, "local" for one who is not known. Used where operators and logs name a source. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/address.h"

namespace reeve {

[[nodiscard]] std::optional<Address> parse_source(std::string_view text) noexcept;

}  // namespace reeve
