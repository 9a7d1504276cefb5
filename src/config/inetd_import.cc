#include "config/inetd_import.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/draft.h"
#include "config/inetd.h"
#include "config/inetd_line.h"

namespace reeve {
namespace {

class InetdImport {
 public:
  InetdImport(const Bundle& bundle, Names& names) : bundle_(bundle), desk_(store_, names, report_, options_) {}

  Imported run() {
    const std::uint16_t file = *bundle_.inetd_file;
    InetdFile inetd(desk_, bundle_.files[file].text, file, true);
    append_comments({});
    std::vector<Word> words;
    while (inetd.next(words)) {
      std::vector<SaidAttribute> said;
      append_comments({});  // of what was no service
      draft_.begin_service(defaults_, words.front(), words.front().where);
      const bool understood = inetd.apply_line(draft_, words, &said);
      append_entry(said, understood, words.front().where);
    }
    append_comments({});
    std::ranges::stable_sort(result_.diagnostics, {}, &Diagnostic::where);
    return std::move(result_);
  }

 private:
  std::vector<std::string> take_comments(std::string_view id) {
    report_.close_entry(id);
    std::vector<std::string> comments;
    for (Diagnostic& one : report_.take()) {
      comments.push_back(fmt::format("{}:{}: {}", bundle_.files[one.where.file].path, one.where.line, one.text));
      result_.diagnostics.push_back(std::move(one));
    }
    return comments;
  }

  void append_comments(std::string_view id) {
    for (const std::string& comment : take_comments(id))
      fmt::format_to(std::back_inserter(result_.text), "# {}\n", printable(comment, 1000));
  }

  // Two lines for one service have one id in inetd; a log line, or `disabled`, should mean one of them.
  std::string own_id(const std::string& id) {
    std::string own = id;
    for (int number = 2; !ids_.insert(own).second; ++number) own = fmt::format("{}-{}", id, number);
    return own;
  }

  void append_entry(const std::vector<SaidAttribute>& said, bool understood, Where where) {
    EntryText entry{.name = std::string(draft_.service.name)};
    const std::string id = own_id(std::string(draft_.service.id));
    if (id != entry.name) entry.set("id", id);
    for (const SaidAttribute& one : said) {
      if (std::ranges::all_of(one.values, is_word)) {
        entry.set(one.attribute, fmt::format("{}", fmt::join(one.values, " ")));
        continue;
      }
      entry.off = true;
      report_.warning(where,
                      fmt::format("{}: an empty word, or one with a blank, can't be said; the entry is switched off", one.attribute));
    }
    const bool can_be_named = is_word(entry.name);
    entry.off = entry.off || draft_.failed || !understood;
    entry.comments = take_comments(id);
    if (!result_.text.empty() && !result_.text.ends_with("\n\n")) result_.text += '\n';
    if (!can_be_named || said.empty()) {
      for (const std::string& comment : entry.comments)
        fmt::format_to(std::back_inserter(result_.text), "# {}\n", printable(comment, 1000));
      return;
    }
    result_.text += to_text(entry);
    ++result_.entries;
    result_.off += entry.off ? 1 : 0;
  }

  const Bundle& bundle_;
  const ParseOptions options_{.inetd_alone = true};
  TextStore store_;
  Report report_;
  Desk desk_;
  Draft defaults_, draft_;
  std::set<std::string, std::less<>> ids_;
  Imported result_;
};

}  // namespace

Imported import_inetd(const Bundle& bundle, Names& names) {
  return InetdImport(bundle, names).run();
}

}  // namespace reeve
