// The answer of an identification server (RFC 1413), read without trust.
//
// Pure and total over all bytes. What comes out has been made harmless: whoever writes the answer can't forge a log line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/identity.h"

namespace reeve {

// RFC 1413: a user id has up to 512 bytes; ports, system and blanks in front of it.
constexpr std::size_t kMaxIdentAnswer = 1024;

// "6193, 23\r\n"
[[nodiscard]] std::string ident_question_line(std::uint16_t theirs, std::uint16_t ours);

// `answer`: all that came, up to and with its first line feed; what is behind it is not looked at. Known only if it is
// a whole line, about these two ports, with something behind USERID.
[[nodiscard]] RemoteUser read_ident_answer(std::string_view answer, std::uint16_t theirs, std::uint16_t ours);

}  // namespace reeve
