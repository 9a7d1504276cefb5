// Wrapped text: paragraphs for a terminal of 80 columns.
#pragma once

#include <string>
#include <string_view>

namespace reeve {

// Lines are filled with words; an empty line stays, and a line that begins with a blank stays as it is. Ends in a newline.
[[nodiscard]] std::string wrapped_text(std::string_view text);

}  // namespace reeve
