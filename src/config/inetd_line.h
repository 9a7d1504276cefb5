// InetdLine: one line of inetd.conf, turned into the assignments of xinetd.conf. Used by inetd.cc.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/apply.h"
#include "config/draft.h"

namespace reeve {

// What a line says, in the words of xinetd.conf.
struct SaidAttribute {
  std::string_view attribute;
  std::vector<std::string_view> values;
};

class InetdLine {
 public:
  // What the file says around the line.
  struct Surroundings {
    Word addresses;                                // where to listen when the line does not say; empty: everywhere
    bool alone = false;                            // as inetd itself reads it, not beside xinetd.conf
    const std::set<std::string, std::less<>>& v6;  // "ftp/tcp": has another line for IPv6
    std::vector<SaidAttribute>* said = nullptr;    // hears all that is applied
  };
  InetdLine(Desk& desk, Draft& draft, const std::vector<Word>& words, const Surroundings& around)
      : desk_(desk), draft_(draft), words_(words), around_(around) {}

  // False when the line can't be understood at all.
  [[nodiscard]] bool apply_all();

 private:
  void set(std::string_view attribute, const Word& value) { set_all(attribute, std::span(&value, 1)); }
  void set_all(std::string_view attribute, std::span<const Word> values);
  void set_number(std::string_view attribute, const Word& word);
  [[nodiscard]] bool is_internal() const noexcept;
  [[nodiscard]] bool is_unix() const noexcept;

  void set_name();
  void set_addresses(Word list);
  void set_protocol();
  void set_family(std::string_view suffix, Where where);
  void set_wait();
  void set_limits(char separator, Word limits);
  void set_user();
  void set_program();
  void set_internal_id();

  Desk& desk_;
  Draft& draft_;
  const std::vector<Word>& words_;
  const Surroundings& around_;
  std::vector<Word> types_, flags_;
};

// Words between blanks; one that begins with a quote goes to the next such quote, blanks included (GNU, FreeBSD).
void split_quoted(std::string_view text, Where where, std::vector<Word>& words);
// Has the line a type of sockets at the right place?
[[nodiscard]] bool looks_like_service(const std::vector<Word>& words) noexcept;

}  // namespace reeve
