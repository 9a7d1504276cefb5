#include "config/inetd.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/inetd_line.h"

namespace reeve {
namespace {

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

Result<Bundle> gather_for(const std::string& path, const ParseOptions& options, FileReader& reader) {
  if (options.inetd_alone) {
    Bundle bundle;
    const Result<void> added = add_inetd(bundle, path, reader);
    if (!added) return std::unexpected(added.error());
    return bundle;
  }
  Result<Bundle> bundle = gather(path, reader);
  if (!bundle || !options.inetd_compat) return bundle;
  const Result<void> added = add_inetd(*bundle, kInetdConf, reader);
  if (!added)
    bundle->problems.push_back({.severity = Severity::warning, .where = {}, .text = added.error().text(), .hint = {}, .service = {}});
  return bundle;
}

InetdFile::InetdFile(Desk& desk, std::string_view text, std::uint16_t file, bool alone) : desk_(desk), lexer_(text, file), alone_(alone) {
  if (alone_) look_around(text, file);
}

// What has to be known before the first line: policies in comments, and who has lines for both families.
void InetdFile::look_around(std::string_view text, std::uint16_t file) {
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("#@") && line.find_first_not_of(" \t\r", 2) != std::string_view::npos) {
      desk_.report.warning({number, 1, file}, "an IPsec policy has no effect: the services behind it are served without",
                           "a policy of the system, as of ip-xfrm(8)");
    }
    std::vector<Word> words;
    split(line, {number, 1, file}, words);
    if (words.size() > 2 && !line.starts_with('#')) {
      const std::string_view protocol = words[2].text.substr(0, words[2].text.find(','));
      if (protocol.ends_with('6') && protocol.size() == 4) v6_.insert(fmt::format("{}/{}", words[0].text, protocol.substr(0, 3)));
    }
  }
}

void InetdFile::split_line(const Line& line, std::vector<Word>& words) const {
  if (alone_) {
    split_quoted(line.text, line.where, words);
  } else {
    split(line.text, line.where, words);
  }
}

bool InetdFile::is_address_line(const std::vector<Word>& words) {
  if (words.size() != 1 || !words[0].text.ends_with(':')) return false;
  addresses_ = words[0];
  addresses_.text.remove_suffix(1);
  return true;
}

bool InetdFile::next(std::vector<Word>& words) {
  words = std::exchange(ahead_, {});
  if (is_address_line(words)) words.clear();
  Line line;
  while (lexer_.next(line)) {
    if (line.damage != Line::Damage::none) {
      const std::string_view what = "the line is too long or holds bytes that are not text, it is skipped";
      if (alone_) {
        desk_.report.error(Scope::service, line.damaged_at, std::string(what));
      } else {
        desk_.report.warning(line.damaged_at, std::string(what));
      }
      desk_.report.close_entry({});
      continue;
    }
    std::vector<Word> here;
    split_line(line, here);
    const bool is_indented = alone_ && line.where.column > 1 && !words.empty();
    if (is_indented && !looks_like_service(here)) {
      words.insert(words.end(), here.begin(), here.end());
      continue;
    }
    if (is_indented)
      desk_.report.warning(line.where, "an indented line is taken for a service of its own", "BSD's inetd takes it for arguments");
    if (!words.empty()) {
      ahead_ = std::move(here);
      return true;
    }
    if (!is_address_line(here)) words = std::move(here);
  }
  return !words.empty();
}

bool InetdFile::apply_line(Draft& draft, const std::vector<Word>& words, std::vector<SaidAttribute>* said) const {
  return InetdLine(desk_, draft, words, {addresses_, alone_, v6_, said}).apply_all();
}

void ConfiguredElsewhere::add(const Service& service) {
  names_and_ports_.insert(name_key(service));
  if (service.port != 0) names_and_ports_.insert(port_key(service));
}

bool ConfiguredElsewhere::has(const Service& service) const {
  return names_and_ports_.contains(name_key(service)) || (service.port != 0 && names_and_ports_.contains(port_key(service)));
}

}  // namespace reeve
