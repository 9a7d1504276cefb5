// The % expansions of hosts_access(5), in commands, in values of setenv and in banners.
//
// Pure. What a stranger can have chosen (his machine's name, his user's name) reaches a shell this way, so every byte of an
// expansion that is not in the library's set of harmless ones is replaced by "_". The monitor, which runs the commands,
// checks the facts that the engine sends by the same set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve {

// What a text becomes at most; a longer one is not to be used.
constexpr std::size_t kMaxWrapExpansion = 64u << 10;

// Of one visit. An empty name is one that nobody asked for.
struct WrapFacts {
  std::string daemon;
  std::string client_address = "unknown", server_address = "unknown";
  std::string client_name, server_name;  // or "unknown", "paranoid"
  std::string client_user;               // or "unknown"
  std::uint16_t client_port = 0, server_port = 0;
  std::int32_t pid = 0;
};

// What a text can't be expanded without. The library asks for a name only where nothing else will do: %h, %c and %s take
// the address of a machine whose name was not asked for before.
struct WrapNeeds {
  bool client_name = false;     // %n
  bool client_user = false;     // %u
  bool server_address = false;  // %A %H %s %R
  bool server_name = false;     // %N

  void add(const WrapNeeds& other) noexcept;
};
[[nodiscard]] WrapNeeds expansion_needs(std::string_view text) noexcept;

// Letters behind a "%" that mean nothing.
[[nodiscard]] std::string unknown_expansions(std::string_view text);

// nullopt: longer than kMaxWrapExpansion.
[[nodiscard]] std::optional<std::string> expand_wrap_text(std::string_view text, const WrapFacts& facts);

// May the byte stand in an expansion?
[[nodiscard]] bool is_harmless_in_expansion(char byte) noexcept;

}  // namespace reeve
