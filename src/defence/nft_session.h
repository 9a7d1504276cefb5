// NftSession: our conversation with the kernel's packet filter, above libnftables(3).
//
// Used by the firewall process only. run() is one transaction: all of it happens or nothing. It waits for the kernel, for as long
// as the text is long (100,000 elements: some 0.4 s), so nobody else may wait for whoever calls it. Needs CAP_NET_ADMIN in the
// network namespace.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

struct nft_ctx;

namespace reeve {

class NftSession {
 public:
  [[nodiscard]] static Result<NftSession> open();

  // Commands as nft(8) has them, one a line.
  [[nodiscard]] Result<void> run(const std::string& commands);
  // One command that shows something.
  [[nodiscard]] Result<std::string> list(const std::string& command);
  // A table of the family inet as nft(8) writes it, elements of sets included; nullopt: there is none.
  [[nodiscard]] Result<std::optional<std::string>> list_table(const std::string& name);

 private:
  struct End {
    void operator()(nft_ctx* context) const noexcept;
  };
  explicit NftSession(nft_ctx* context) : context_(context) {}
  std::unique_ptr<nft_ctx, End> context_;
};

}  // namespace reeve
