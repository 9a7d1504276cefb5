#include "config/inetd.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/apply.h"
#include "config/values.h"

namespace reeve {
namespace {

// One line on its way into a Draft.
class InetdLine {
 public:
  InetdLine(Desk& desk, Draft& draft, const std::vector<Word>& words) : desk_(desk), draft_(draft), words_(words) {}

  bool apply_all() {
    const bool is_internal = words_.size() > kServer && equal_ignoring_case(words_[kServer].text, "internal");
    if (words_.size() <= kServer) {
      desk_.report.warning(words_[0].where, "an inetd.conf line needs at least six words",
                           "service socket_type protocol wait|nowait user server arguments");
      return false;
    }
    set_name();
    set("socket_type", words_[kSocketType]);
    set_protocol();
    set_wait();
    set_user();
    if (is_internal) {
      types_.push_back({"INTERNAL", words_[kServer].where});
      internal_id();
    } else {
      set_program();
    }
    if (!types_.empty()) set_all("type", types_);
    if (!flags_.empty()) set_all("flags", flags_);
    return true;
  }

 private:
  static constexpr std::size_t kName = 0, kSocketType = 1, kProtocol = 2, kWait = 3, kUser = 4, kServer = 5;

  void set(std::string_view attribute, const Word& value) { set_all(attribute, std::span(&value, 1)); }
  void set_all(std::string_view attribute, std::span<const Word> values) {
    apply(desk_, draft_, Assignment{.name = {attribute, values.front().where}, .op = Operator::assign, .values = values});
  }

  // A number is a port that services(5) need not know; NAME/VERSIONS is a program of rpc(5).
  void set_name() {
    const Word& word = words_[kName];
    const std::size_t slash = word.text.find('/');
    draft_.service.name = draft_.service.id = word.text.substr(0, slash);
    if (slash != std::string_view::npos) set("rpc_version", {word.text.substr(slash + 1), behind(word.where, slash + 1)});
    if (slash == std::string_view::npos && parse_integer(word.text)) {
      set("port", word);
      types_.push_back({"UNLISTED", word.where});
    }
  }

  // tcp, tcp4, tcp6, and the same behind rpc/.
  void set_protocol() {
    Word word = words_[kProtocol];
    if (word.text.size() > 4 && equal_ignoring_case(word.text.substr(0, 4), "rpc/")) {
      types_.push_back({"RPC", word.where});
      word = {word.text.substr(4), behind(word.where, 4)};
    }
    const bool is_known =
        word.text.size() == 4 && (equal_ignoring_case(word.text.substr(0, 3), "tcp") || equal_ignoring_case(word.text.substr(0, 3), "udp"));
    if (is_known && (word.text[3] == '4' || word.text[3] == '6')) {
      flags_.push_back({word.text[3] == '4' ? "IPv4" : "IPv6", behind(word.where, 3)});
      word.text.remove_suffix(1);
    }
    set("protocol", word);
  }

  void set_wait() {
    const Word& word = words_[kWait];
    const std::size_t dot = std::min(word.text.find_first_of("./"), word.text.size());
    const std::string_view mode = word.text.substr(0, dot);
    if (dot < word.text.size()) {
      desk_.report.note(behind(word.where, dot), fmt::format("`{}` has no effect", printable(word.text.substr(dot), 20)),
                        "in xinetd.conf: cps and instances");
    }
    if (equal_ignoring_case(mode, "wait") || equal_ignoring_case(mode, "nowait"))
      return set("wait", {mode.size() == 4 ? "yes" : "no", word.where});
    desk_.refuse(draft_, word.where, fmt::format("`{}` is neither wait nor nowait", printable(word.text, 60)));
  }

  void set_user() {
    const Word& word = words_[kUser];
    const std::size_t separator = word.text.find_first_of(".:");
    // A user's name may hold a dot.
    if (separator == std::string_view::npos || (word.text[separator] == '.' && desk_.names.find_user(desk_.store.intern(word.text))))
      return set("user", word);
    set("user", {word.text.substr(0, separator), word.where});
    set("group", {word.text.substr(separator + 1), behind(word.where, separator + 1)});
  }

  void set_program() {
    set("server", words_[kServer]);
    if (words_.size() == kServer + 1) return;
    flags_.push_back({"NAMEINARGS", words_[kServer + 1].where});
    set_all("server_args", std::span(words_).subspan(kServer + 1));
  }

  // One name mostly serves tcp and udp.
  void internal_id() {
    const bool is_stream = equal_ignoring_case(words_[kSocketType].text, "stream");
    draft_.service.id = desk_.store.intern(fmt::format("{}-{}", draft_.service.name, is_stream ? "stream" : "dgram"));
  }

  Desk& desk_;
  Draft& draft_;
  const std::vector<Word>& words_;
  std::vector<Word> types_, flags_;
};

std::string name_key(const Service& service) {
  std::string key = fmt::format("{}/{}", service.name, service.protocol);
  std::transform(key.begin(), key.end(), key.begin(), lower);
  return key;
}

std::string port_key(const Service& service) {
  return fmt::format("/{}/{}", service.port, service.protocol);
}

}  // namespace

Result<void> add_inetd(Bundle& bundle, const std::string& path, FileReader& reader) {
  if (bundle.files.size() >= kMaxFiles) return failure(path + ": too many files");
  Result<std::string> text = reader.read_file(path);
  if (!text) return std::unexpected(std::move(text).error());
  bundle.inetd_file = static_cast<std::uint16_t>(bundle.files.size());
  bundle.files.push_back({path, *std::move(text)});
  return {};
}

bool apply_inetd_line(Desk& desk, Draft& draft, const std::vector<Word>& words) {
  return InetdLine(desk, draft, words).apply_all();
}

void ConfiguredElsewhere::add(const Service& service) {
  names_and_ports_.insert(name_key(service));
  if (service.port != 0) names_and_ports_.insert(port_key(service));
}

bool ConfiguredElsewhere::has(const Service& service) const {
  return names_and_ports_.contains(name_key(service)) || (service.port != 0 && names_and_ports_.contains(port_key(service)));
}

}  // namespace reeve
