#include "defence/nft_session.h"

#include <nftables/libnftables.h>
#include <string_view>
#include <utility>

namespace reeve {

namespace {

// The first line says what is wrong, the rest quotes our command.
std::string first_line(const char* text) {
  std::string_view line(text == nullptr ? "" : text);
  line = line.substr(0, line.find('\n'));
  constexpr std::string_view kPrefix = "Error: ";
  if (line.starts_with(kPrefix)) line.remove_prefix(kPrefix.size());
  return line.empty() ? "refused without a reason" : std::string(line);
}

}  // namespace

void NftSession::End::operator()(nft_ctx* context) const noexcept {
  ::nft_ctx_free(context);
}

Result<NftSession> NftSession::open() {
  nft_ctx* const context = ::nft_ctx_new(NFT_CTX_DEFAULT);
  if (context == nullptr) return failure("nftables: no session");
  NftSession session(context);
  if (::nft_ctx_buffer_output(context) != 0 || ::nft_ctx_buffer_error(context) != 0) return failure("nftables: no memory");
  // Nothing is looked up in the system's databases.
  ::nft_ctx_output_set_flags(context, NFT_CTX_OUTPUT_NUMERIC_PROTO | NFT_CTX_OUTPUT_NUMERIC_SYMBOL);
  return session;
}

Result<void> NftSession::run(const std::string& commands) {
  if (commands.empty()) return {};
  const int outcome = ::nft_run_cmd_from_buffer(context_.get(), commands.c_str());
  const std::string reason = outcome == 0 ? std::string() : first_line(::nft_ctx_get_error_buffer(context_.get()));
  // Read once more, or what a command said stays for the next one.
  (void)::nft_ctx_get_output_buffer(context_.get());
  if (outcome != 0) return failure("nftables: " + reason);
  return {};
}

Result<std::string> NftSession::list(const std::string& command) {
  if (::nft_run_cmd_from_buffer(context_.get(), command.c_str()) != 0)
    return failure("nftables: " + first_line(::nft_ctx_get_error_buffer(context_.get())));
  return std::string(::nft_ctx_get_output_buffer(context_.get()));
}

Result<std::optional<std::string>> NftSession::list_table(const std::string& name) {
  const auto tables = list("list tables inet");
  if (!tables) return std::unexpected(tables.error());
  if (("\n" + *tables).find("\ntable inet " + name + "\n") == std::string::npos) return std::optional<std::string>();
  auto text = list("list table inet " + name);
  if (!text) return std::unexpected(std::move(text).error());
  return std::optional(std::move(*text));
}

}  // namespace reeve
