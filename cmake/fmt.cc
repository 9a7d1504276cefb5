// The part of fmt that its headers only declare, compiled once for all of reeve, and the templates that they promise
// to have been instantiated elsewhere.
#include <fmt/format-inl.h>

template fmt::detail::thousands_sep_result<char> fmt::detail::thousands_sep_impl<char>(fmt::detail::locale_ref);
template char fmt::detail::decimal_point_impl<char>(fmt::detail::locale_ref);
template void fmt::detail::buffer<char>::append<char>(const char*, const char*);
