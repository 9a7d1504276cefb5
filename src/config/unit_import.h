// unit_import: xinetd.conf's text from systemd's units, a pair of .socket and .service for each service.
//
// Everything that the units say and xinetd.conf can't is a diagnostic with its line, and a comment above the entry that it
// matters for; nothing is dropped in silence. An entry that would be more open than its units, or would run something
// else, is written with `disable = yes`. Pure: files come through the FileReader port, users and programs through Names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/file_reader.h"
#include "base/names.h"
#include "base/result.h"
#include "config/bundle.h"
#include "config/entry_text.h"

namespace reeve {

// One .socket and what it starts; each a file of the bundle and its drop-ins.
struct SocketUnit {
  std::string name;     // "ftp" of ftp.socket
  std::string service;  // "ftp@.service"
  std::vector<std::uint16_t> socket_files, service_files;
};

struct Units {
  Bundle bundle;
  std::vector<SocketUnit> sockets;
};

// `paths`: a folder with .socket files, or FILE.socket with its FILE@.service or FILE.service behind it or not. Drop-ins
// (FILE.socket.d/*.conf) are read where they stand beside it. Fails when a file that was named can't be read.
[[nodiscard]] Result<Units> gather_units(std::span<const std::string> paths, FileReader& reader);

[[nodiscard]] Imported import_units(const Units& units, Names& names);

}  // namespace reeve
