// Bundle: everything a configuration is made from, read once.
//
// The monitor reads the files and asks the system's databases; the bytes and the answers travel to
// the trial parser and to the engine, so that all three see the same configuration and parsing needs
// no file, no name service and no privilege. `gather` reads through a FileReader port (sys/config_files.h
// has the real one, tests a map); parsing (config/parse.h) then is a pure function of the Bundle.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/diagnostic.h"
#include "config/where.h"

namespace reeve {

// The file system as the configuration sees it.
class FileReader {
 public:
  virtual ~FileReader() = default;
  // Whole contents of a regular file that its reader may trust (owner, mode) and that is not over
  // the size bound; anything else is an Error whose `what` says why in words for the administrator.
  [[nodiscard]] virtual Result<std::string> read_file(const std::string& path) = 0;
  // Names of the entries of a directory, without "." and "..", unsorted.
  [[nodiscard]] virtual Result<std::vector<std::string>> list_directory(const std::string& path) = 0;
};

struct UserIds {
  std::uint32_t uid = 0, gid = 0;
};

// The system's databases: passwd(5), group(5), services(5), protocols(5), networks(5), rpc(5).
class Names {
 public:
  virtual ~Names() = default;
  [[nodiscard]] virtual std::optional<UserIds> find_user(const std::string& name) = 0;
  // Name and primary group of a numeric user, for `user = 1000`.
  [[nodiscard]] virtual std::optional<std::uint32_t> find_group(const std::string& name) = 0;
  // Supplementary groups of a user, the primary one included (getgrouplist(3)).
  [[nodiscard]] virtual std::vector<std::uint32_t> groups_of(const std::string& user, std::uint32_t gid) = 0;
  // Port in host byte order.
  [[nodiscard]] virtual std::optional<std::uint16_t> find_port(const std::string& service, const std::string& protocol) = 0;
  [[nodiscard]] virtual std::optional<std::uint8_t> find_protocol(const std::string& name) = 0;
  // Network number as networks(5) writes it, host byte order: 127.77.0.0 is 0x7f4d0000.
  [[nodiscard]] virtual std::optional<std::uint32_t> find_network(const std::string& name) = 0;
  [[nodiscard]] virtual std::optional<std::uint32_t> find_rpc(const std::string& name) = 0;
  // Is there an executable regular file? (a warning when not: the file may come later)
  [[nodiscard]] virtual bool is_executable(const std::string& path) = 0;
};

struct SourceFile {
  std::string path;
  std::string text;
};

struct Bundle {
  // files[0] is the main file; the others in the order in which include and includedir name them.
  std::vector<SourceFile> files;
  // Include directives that were followed: position of the directive -> files it brought in.
  std::map<Where, std::vector<std::uint16_t>> includes;
  // What went wrong while reading: missing, looping, untrusted files; parse() reports these too.
  std::vector<Diagnostic> problems;
  // Recorded answers of Names, keyed by "kind\0question" (see RecordedNames).
  std::map<std::string, std::string> answers;
};

// Bounds of a Bundle: what is over them is a diagnostic at the directive that asked for it.
constexpr std::size_t kMaxFileBytes = 8u << 20;
constexpr std::size_t kMaxBundleBytes = 64u << 20;
constexpr std::size_t kMaxIncludeDepth = 16;
constexpr std::size_t kMaxFiles = 2000;
constexpr std::size_t kMaxLineBytes = 64u << 10;

// Reads `path` and all it includes. Fails only when `path` itself cannot be read; everything else
// becomes a problem in the Bundle.
[[nodiscard]] Result<Bundle> gather(const std::string& path, FileReader& reader);

// Asks `real` and writes the answers into `bundle`.
[[nodiscard]] std::unique_ptr<Names> recording_names(Bundle& bundle, Names& real);
// Answers from what was recorded; a question that was never asked has no answer.
[[nodiscard]] std::unique_ptr<Names> recorded_names(const Bundle& bundle);

// A flat form for a memfd; deserialize treats its input as foreign bytes.
[[nodiscard]] std::string serialize(const Bundle& bundle);
[[nodiscard]] Result<Bundle> deserialize(std::string_view bytes);

}  // namespace reeve
