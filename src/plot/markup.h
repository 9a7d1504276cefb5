// Markup: texts as XML and HTML take them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reeve {

// Fit for an element's content and for an attribute in double quotes. Control characters and malformed bytes become '?'.
[[nodiscard]] std::string escaped(std::string_view text);

// How wide `text` is about, in a proportional font of this size: rather too much than too little.
[[nodiscard]] double width_of(std::string_view text, double font_size);
// Lines of at most `width`, broken at blanks; a word that is wider stands alone.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, double width, double font_size);

}  // namespace reeve
