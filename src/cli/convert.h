// convert: a configuration in another language, both ways: inetd.conf and systemd's units to xinetd.conf, xinetd.conf to units.
//
// Pure: what is to be written to files is part of the answer. Every meaning that the other side can't say is told on
// standard error with its file and line, and as a comment where it matters in the output.
#pragma once

#include <string>
#include <vector>

#include "base/file_reader.h"
#include "base/names.h"
#include "cli/answer.h"
#include "config/parse.h"
#include "config/wrap_gather.h"
#include "sys/new_files.h"

namespace reeve {

struct ConvertRequest {
  enum class Direction : std::uint8_t { from_inetd, from_systemd, to_systemd };
  Direction direction = Direction::from_inetd;
  std::vector<std::string> words;  // from: files or folders; to: ids or names of services, empty: all
  std::string path;                // to: the configuration
  ParseOptions options;            // to: how it is read
  WrapPaths wrap_paths;            // to: which files systemd will not ask
  std::string output;              // from: a file, standard output without it; to: a folder
  bool strict = false;             // what is lost counts: exit code 1
  bool colour = false;
};

struct Conversion {
  Answer answer;
  std::vector<NewFile> files;  // to be written before the answer is given
};

[[nodiscard]] Conversion convert(const ConvertRequest& request, FileReader& files, Names& names);

}  // namespace reeve
