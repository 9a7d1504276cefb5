// Boost.JSON itself, compiled once: its shared library would bring the whole shared C++ runtime with it.
#include <boost/json/src.hpp>
