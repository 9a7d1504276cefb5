// SecurityLabels: in which SELinux context a program is to run for a client, by libselinux.
//
// Used by the monitor for services with the flag LABELED, on machines whose network is labelled (IPsec, CIPSO). The program
// gets our own context with the sensitivity range of the client's, and from there the one that the policy has for executing
// that program: who comes as `s3` is served by a program at `s3`. Whatever can't be found out is an Error, and then there is
// nothing to be started: a program must not run with a wider range than its client.
//
// The library is loaded when the first context is asked for. Its calls ask the kernel only, and the file's label; a program
// on a network file system that hangs would make the monitor wait.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace reeve {

class SecurityLabels {
 public:
  static constexpr const char* kLibrary = "libselinux.so.1";

  explicit SecurityLabels(std::string library = kLibrary);
  SecurityLabels(const SecurityLabels&) = delete;
  SecurityLabels& operator=(const SecurityLabels&) = delete;
  ~SecurityLabels();

  // For the client at the other end of `connection`, to be served by the program at `path`.
  [[nodiscard]] Result<std::string> context_for(int connection, const char* path);

 private:
  struct Library;
  [[nodiscard]] Result<void> load();

  std::string name_;
  std::unique_ptr<Library> library_;
};

}  // namespace reeve
