// Netgroups as netgroup(5) writes them: which hosts belong to a group.
//
// Pure. A line is NAME followed by triples (host,user,domain) and names of other groups; a backslash at its end goes on.
// User and domain are not looked at: rules ask for hosts.
#pragma once

#include <string_view>

namespace reeve {

// Groups that contain each other are followed so far.
constexpr int kMaxNetgroupDepth = 16;

// `text` is the file's. Group names are compared with regard to case, hosts without. An empty host means every host, "-"
// none. "unknown" and "paranoid" are names like others here, as for the library.
[[nodiscard]] bool is_in_netgroup(std::string_view text, std::string_view group, std::string_view host);

}  // namespace reeve
