#include "cli/terminal.h"

#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <langinfo.h>
#include <string_view>

#define NCURSES_NOMACROS
#include <curses.h>

namespace reeve {

namespace {

constexpr short kGood = 1, kBad = 2, kWarning = 3, kTitle = 4;
constexpr int kEscapeDelay = 25;  // ms; what a key sends comes together
constexpr wint_t kEscape = 27, kDelete = 127, kBackspace = 8;

attr_t attributes_of(TopStyle style, bool colour) noexcept {
  const auto pair = [&](short number, attr_t plain) { return colour ? static_cast<attr_t>(COLOR_PAIR(number)) : plain; };
  switch (style) {
    case TopStyle::plain:
      return A_NORMAL;
    case TopStyle::title:
      return A_BOLD | pair(kTitle, A_NORMAL);
    case TopStyle::head:
      return A_UNDERLINE;
    case TopStyle::good:
      return pair(kGood, A_NORMAL);
    case TopStyle::bad:
      return A_BOLD | pair(kBad, A_NORMAL);
    case TopStyle::warning:
      return pair(kWarning, A_BOLD);
    case TopStyle::dim:
      return A_DIM;
    case TopStyle::selected:
      return A_REVERSE;
  }
  return A_NORMAL;
}

std::optional<TopKey> named_key(wint_t code) noexcept {
  using Name = TopKey::Name;
  switch (code) {
    case KEY_UP:
      return TopKey{Name::up};
    case KEY_DOWN:
      return TopKey{Name::down};
    case KEY_PPAGE:
      return TopKey{Name::page_up};
    case KEY_NPAGE:
      return TopKey{Name::page_down};
    case KEY_HOME:
      return TopKey{Name::home};
    case KEY_END:
      return TopKey{Name::end};
    case KEY_ENTER:
      return TopKey{Name::enter};
    case KEY_BACKSPACE:
      return TopKey{Name::backspace};
    case KEY_BTAB:
      return TopKey{Name::back_tab};
    default:
      return std::nullopt;
  }
}

TopKey character_key(wint_t code) noexcept {
  using Name = TopKey::Name;
  if (code == L'\n' || code == L'\r') return {Name::enter};
  if (code == L'\t') return {Name::tab};
  if (code == kEscape) return {Name::escape};
  if (code == kDelete || code == kBackspace) return {Name::backspace};
  return {Name::character, static_cast<char32_t>(code)};
}

}  // namespace

std::unique_ptr<Terminal> Terminal::open(bool colour) {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) return nullptr;
  std::setlocale(LC_CTYPE, "");
  const bool unicode = std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
  if (::newterm(nullptr, stdout, stdin) == nullptr) return nullptr;
  ::cbreak();
  ::noecho();
  ::nonl();
  ::keypad(::stdscr, TRUE);
  ::nodelay(::stdscr, TRUE);
  ::set_escdelay(kEscapeDelay);
  ::curs_set(0);
  std::unique_ptr<Terminal> terminal(new Terminal(unicode));
  if (colour && ::has_colors() && ::start_color() == OK) {
    const short back = ::use_default_colors() == OK ? -1 : COLOR_BLACK;
    ::init_pair(kGood, COLOR_GREEN, back);
    ::init_pair(kBad, COLOR_RED, back);
    ::init_pair(kWarning, COLOR_YELLOW, back);
    ::init_pair(kTitle, COLOR_CYAN, back);
    terminal->colour_ = true;
  }
  return terminal;
}

Terminal::~Terminal() {
  ::endwin();
}

TopSize Terminal::size() const noexcept {
  const int lines = ::getmaxy(::stdscr), columns = ::getmaxx(::stdscr);
  return {static_cast<std::size_t>(lines > 0 ? lines : 0), static_cast<std::size_t>(columns > 0 ? columns : 0), unicode_};
}

void Terminal::draw(const TopScreen& screen) {
  ::werase(::stdscr);
  int at = 0;
  for (const TopLine& line : screen.lines) {
    ::wmove(::stdscr, at++, 0);
    for (const TopSpan& span : line) {
      ::wattrset(::stdscr, static_cast<int>(attributes_of(span.style, colour_)));
      ::waddnstr(::stdscr, span.text.data(), static_cast<int>(span.text.size()));
    }
  }
  ::wattrset(::stdscr, A_NORMAL);
  ::wrefresh(::stdscr);
}

std::optional<TopKey> Terminal::read_key() {
  wint_t code = 0;
  const int kind = ::wget_wch(::stdscr, &code);
  drained_ = kind == ERR;
  if (kind == KEY_CODE_YES) return named_key(code);  // KEY_RESIZE among those that mean nothing: each picture asks for the size
  if (kind == OK) return character_key(code);
  return std::nullopt;
}

}  // namespace reeve
