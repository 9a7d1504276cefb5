// The real Names: passwd, group, services, protocols, networks and rpc as nsswitch.conf(5) has them.
//
// It blocks (an entry may come from a directory server), so it is asked only while a configuration is
// read, never on the path of a connection. Answers, also that there is none, are kept for the object's
// life: make a new one for each reload. services(5) is read as a whole at the first question, since a
// scan per service makes a start with ten thousand of them slow; networks(5) too, since a question for one name
// may go to DNS.
#pragma once

#include <memory>

#include "base/names.h"

namespace reeve {

[[nodiscard]] std::unique_ptr<Names> system_names();

}  // namespace reeve
