// The picture itself, as one <svg> element: to_svg() makes a file of it, to_html() puts it into a page.
#pragma once

#include <string>

#include "plot/plot.h"

namespace reeve {

// `is_document`: with a background of its own and the namespace that a file needs.
[[nodiscard]] std::string svg_element(const Plot& plot, bool is_document);

}  // namespace reeve
