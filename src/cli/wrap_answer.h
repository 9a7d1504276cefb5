// What hosts.allow and hosts.deny, as they are now, say of a visit of which only some things are known.
//
// For `reeve explain` and `reeve replay`; the rule is found by policy/wrap_match.h. Nothing is looked up: where the rules need the
// name of a client that is not known, the answer is a WrapNeed. The host's own name and the client's user count as unknown.
#pragma once

#include <string>

#include "base/file_reader.h"
#include "base/identity.h"
#include "base/names.h"
#include "config/bundle.h"
#include "config/service.h"
#include "config/wrap_gather.h"
#include "config/wrap_rules.h"
#include "policy/wrap_match.h"

namespace reeve {

struct WrapFiles {
  Bundle bundle;
  WrapRules rules;
};

[[nodiscard]] WrapFiles read_wrap_files(const WrapPaths& paths, FileReader& files, Names& names);

// For a service that is_wrapped().
[[nodiscard]] WrapFound ask_wrap_files(const WrapFiles& files, const Service& service, const Address& source, const Identity& identity);

// Who comes by a unix socket, or is not known, has neither name nor user that could be found out: then it is known that there is none.
void complete_identity(Identity& identity, const Address& source);

// "FILE:LINE", or the file.
[[nodiscard]] std::string wrap_place(const WrapFiles& files, Where where);

}  // namespace reeve
