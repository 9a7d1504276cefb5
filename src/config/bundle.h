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

#include "base/file_reader.h"
#include "base/names.h"
#include "base/result.h"
#include "config/diagnostic.h"
#include "config/where.h"

namespace reeve {

struct SourceFile {
  std::string path;
  std::string text;
};

struct Bundle {
  // files[0] is the main file; the others in the order in which include and includedir name them.
  std::vector<SourceFile> files;
  // Include directives that were followed: position of the directive -> files it brought in.
  std::map<Where, std::vector<std::uint16_t>> includes;
  // The file that is in inetd.conf's syntax, see config/inetd.h.
  std::optional<std::uint16_t> inetd_file;
  // What went wrong while reading: missing, looping, untrusted files; parse() reports these too.
  std::vector<Diagnostic> problems;
  // Recorded answers of Names, keyed by "kind\0question" (see RecordedNames).
  std::map<std::string, std::string> answers;
};

// Bounds of a Bundle: what is over them is a diagnostic at the directive that asked for it. (A single
// file: kMaxFileBytes, base/file_reader.h.)
constexpr std::size_t kMaxBundleBytes = 64u << 20;
constexpr std::size_t kMaxIncludeDepth = 16;
constexpr std::size_t kMaxFiles = 2000;
constexpr std::size_t kMaxLineBytes = 64u << 10;

// Reads `path` and all it includes. Fails only when `path` itself cannot be read; everything else
// becomes a problem in the Bundle.
[[nodiscard]] Result<Bundle> gather(const std::string& path, FileReader& reader);

// Asks `real` and writes the answers into `bundle`.
[[nodiscard]] std::unique_ptr<Names> recording_names(Bundle& bundle, Names& real);
// Asks again for what comes and goes while the daemon runs: interfaces and their addresses. True when an answer is
// another one than before.
[[nodiscard]] bool refresh_addresses(Bundle& bundle, Names& real);
// Answers from what was recorded; a question that was never asked has no answer.
[[nodiscard]] std::unique_ptr<Names> recorded_names(const Bundle& bundle);

// A flat form for a memfd; deserialize treats its input as foreign bytes.
[[nodiscard]] std::string serialize(const Bundle& bundle);
[[nodiscard]] Result<Bundle> deserialize(std::string_view bytes);

}  // namespace reeve
