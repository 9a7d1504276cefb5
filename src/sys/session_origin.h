// From where the person at the terminal works: the other end of his SSH session, so that he is not shut out by a slip.
#pragma once

#include <optional>
#include <string_view>

#include "base/address.h"

namespace reeve {

// The client's address in the words of SSH_CONNECTION (ssh(1)): "192.0.2.7 50022 198.51.100.1 22".
[[nodiscard]] std::optional<Address> client_in_ssh_connection(std::string_view text) noexcept;

// Of this process: SSH_CONNECTION, or, where sudo(8) left nothing of the environment, what utmp(5) says of its terminal.
// nullopt: he sits at the machine, or nobody can tell.
[[nodiscard]] std::optional<Address> session_origin();

}  // namespace reeve
