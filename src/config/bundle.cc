#include "config/bundle.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/entry.h"

namespace reeve {
namespace {

// Follows the include directives of one main file.
class Gathering {
 public:
  explicit Gathering(FileReader& reader) : reader_(reader) {}

  Result<Bundle> run(const std::string& path) {
    Result<std::string> text = reader_.read_file(path);
    if (!text) return std::unexpected(std::move(text).error());
    add_file(path, *std::move(text));
    return std::move(bundle_);
  }

 private:
  void problem(Where where, std::string text, std::string hint = {}) {
    if (bundle_.problems.size() >= kMaxProblems) return;
    bundle_.problems.push_back({Severity::error, Scope::attribute, where, std::move(text), std::move(hint), {}});
  }

  // A file is in the path while its directives are followed: meeting it again there is a loop.
  void add_file(const std::string& path, std::string text) {
    const auto file = static_cast<std::uint16_t>(bundle_.files.size());
    bytes_ += text.size();
    bundle_.files.push_back({path, {}});
    path_.push_back(path);
    Report unheard;  // parse() says what is wrong with the text
    EntryReader reader(text, file, EntryReader::Depth::only_includes, unheard);
    while (const Piece* piece = reader.next()) {
      if (piece->kind == Piece::Kind::include) include(*piece);
      if (piece->kind == Piece::Kind::include_directory) include_directory(*piece);
    }
    path_.pop_back();
    bundle_.files[file].text = std::move(text);
  }

  // A relative path is taken from the directory of the file that names it.
  [[nodiscard]] std::string resolved(const Word& word) const {
    if (word.text.starts_with('/')) return std::string(word.text);
    const std::string& base = path_.back();
    return base.substr(0, base.rfind('/') + 1) + std::string(word.text);
  }

  void include(const Piece& piece) { include_file(piece, resolved(piece.word), true); }

  void include_directory(const Piece& piece) {
    const std::string directory = resolved(piece.word);
    Result<std::vector<std::string>> names = reader_.list_directory(directory);
    if (!names) return problem(piece.word.where, names.error().text());
    // The order of the C locale, whatever the daemon's. What a package manager or an editor left behind has a dot or a tilde.
    std::sort(names->begin(), names->end());
    const std::string prefix = directory.ends_with('/') ? directory : directory + '/';
    for (const std::string& name : *names) {
      if (name.find('.') != std::string::npos || name.ends_with('~')) continue;
      if (!include_file(piece, prefix + name, false)) break;
    }
  }

  // False when no further file can be taken in.
  bool include_file(const Piece& piece, const std::string& path, bool named) {
    const Where where = piece.word.where;
    const std::string shown = printable(path, 200);
    if (std::find(path_.begin(), path_.end(), path) != path_.end()) {
      problem(where, fmt::format("{} includes itself", shown));
      return true;
    }
    if (path_.size() >= kMaxIncludeDepth) {
      problem(where, fmt::format("{}: files are included more than {} deep", shown, kMaxIncludeDepth));
      return true;
    }
    if (bundle_.files.size() >= kMaxFiles) {
      if (!std::exchange(full_, true)) problem(where, fmt::format("{}: more than {} files", shown, kMaxFiles));
      return false;
    }
    if (!named && reader_.list_directory(path)) return true;  // a folder in an includedir
    Result<std::string> text = reader_.read_file(path);
    if (!text) {
      problem(where, text.error().text());
      return true;
    }
    if (bytes_ + text->size() > kMaxBundleBytes) {
      if (!std::exchange(full_, true))
        problem(where, fmt::format("{}: the files are larger than {} MB together", shown, kMaxBundleBytes >> 20));
      return false;
    }
    bundle_.includes[piece.where].push_back(static_cast<std::uint16_t>(bundle_.files.size()));
    add_file(path, *std::move(text));
    return true;
  }

  static constexpr std::size_t kMaxProblems = 1000;

  FileReader& reader_;
  Bundle bundle_;
  std::vector<std::string> path_;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

}  // namespace

Result<Bundle> gather(const std::string& path, FileReader& reader) {
  return Gathering(reader).run(path);
}

}  // namespace reeve
