// The flat form of a Bundle: counted fields, little-endian, nothing optional. Reading it trusts nothing:
// every length is checked against what is left and every index against what is there.
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "config/bundle.h"

namespace reeve {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint32_t kMagic = 0x31425652;  // "RVB1"
constexpr std::uint16_t kNoFile = UINT16_MAX;
constexpr std::size_t kMaxProblems = 2000;
constexpr std::size_t kMaxAnswers = 1'000'000;
constexpr std::size_t kMaxText = kMaxBundleBytes;

class Writer {
 public:
  template <class T>
  void number(T value) {
    static_assert(std::is_integral_v<T>);
    out_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    out_.append(value);
  }
  void where(const Where& value) {
    number(value.line);
    number(value.column);
    number(value.file);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// Once something did not fit, everything read is zero or empty and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}

  template <class T>
  [[nodiscard]] T number() {
    T value{};
    if (in_.size() < sizeof(value)) {
      fail();
      return value;
    }
    std::memcpy(&value, in_.data(), sizeof(value));
    in_.remove_prefix(sizeof(value));
    return value;
  }
  // A count of things that take at least `least` bytes each.
  [[nodiscard]] std::size_t count(std::size_t most, std::size_t least) {
    const std::size_t value = number<std::uint32_t>();
    if (value > most || value > in_.size() / least) {
      fail();
      return 0;
    }
    return value;
  }
  [[nodiscard]] std::string text() {
    const std::size_t size = number<std::uint32_t>();
    if (size > in_.size() || size > kMaxText) {
      fail();
      return {};
    }
    std::string value(in_.substr(0, size));
    in_.remove_prefix(size);
    return value;
  }
  [[nodiscard]] Where where() {
    Where value;
    value.line = number<std::uint32_t>();
    value.column = number<std::uint16_t>();
    value.file = number<std::uint16_t>();
    return value;
  }
  void fail() {
    ok_ = false;
    in_ = {};
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return in_.empty(); }

 private:
  std::string_view in_;
  bool ok_ = true;
};

void read_files(Reader& reader, Bundle& bundle) {
  const std::size_t count = reader.count(kMaxFiles, 2 * sizeof(std::uint32_t));
  for (std::size_t i = 0; i < count; ++i) {
    std::string path = reader.text();
    bundle.files.push_back({std::move(path), reader.text()});
    if (bundle.files.back().text.size() > kMaxFileBytes) reader.fail();
  }
}

// Included files must form a tree: each is named once, by a file before it.
void read_includes(Reader& reader, Bundle& bundle) {
  const std::size_t count = reader.count(kMaxFiles, sizeof(Where) + sizeof(std::uint32_t));
  std::vector<bool> named(bundle.files.size());
  for (std::size_t i = 0; i < count; ++i) {
    const Where where = reader.where();
    const std::size_t included = reader.count(kMaxFiles, sizeof(std::uint16_t));
    std::vector<std::uint16_t> files;
    for (std::size_t j = 0; j < included; ++j) {
      const auto file = reader.number<std::uint16_t>();
      if (file >= named.size() || file <= where.file || named[file]) return reader.fail();
      named[file] = true;
      files.push_back(file);
    }
    if (!bundle.includes.emplace(where, std::move(files)).second) return reader.fail();
  }
}

void read_problems(Reader& reader, Bundle& bundle) {
  const std::size_t count = reader.count(kMaxProblems, 2 + sizeof(Where) + 3 * sizeof(std::uint32_t));
  for (std::size_t i = 0; i < count; ++i) {
    const auto severity = reader.number<std::uint8_t>();
    const auto scope = reader.number<std::uint8_t>();
    if (severity > static_cast<std::uint8_t>(Severity::error) || scope > static_cast<std::uint8_t>(Scope::configuration))
      return reader.fail();
    Diagnostic problem{.severity = static_cast<Severity>(severity), .scope = static_cast<Scope>(scope)};
    problem.where = reader.where();
    if (problem.where.file >= bundle.files.size()) return reader.fail();
    problem.text = reader.text();
    problem.hint = reader.text();
    problem.service = reader.text();
    bundle.problems.push_back(std::move(problem));
  }
}

void read_answers(Reader& reader, Bundle& bundle) {
  const std::size_t count = reader.count(kMaxAnswers, 2 * sizeof(std::uint32_t));
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    std::string question = reader.text();
    bundle.answers.insert_or_assign(bundle.answers.end(), std::move(question), reader.text());  // they come sorted
  }
}

}  // namespace

std::string serialize(const Bundle& bundle) {
  Writer writer;
  writer.number(kMagic);
  writer.number(static_cast<std::uint32_t>(bundle.files.size()));
  for (const SourceFile& file : bundle.files) {
    writer.text(file.path);
    writer.text(file.text);
  }
  writer.number(static_cast<std::uint32_t>(bundle.includes.size()));
  for (const auto& [where, files] : bundle.includes) {
    writer.where(where);
    writer.number(static_cast<std::uint32_t>(files.size()));
    for (const std::uint16_t file : files) writer.number(file);
  }
  writer.number(bundle.inetd_file.value_or(kNoFile));
  writer.number(static_cast<std::uint32_t>(bundle.problems.size()));
  for (const Diagnostic& problem : bundle.problems) {
    writer.number(static_cast<std::uint8_t>(problem.severity));
    writer.number(static_cast<std::uint8_t>(problem.scope));
    writer.where(problem.where);
    writer.text(problem.text);
    writer.text(problem.hint);
    writer.text(problem.service);
  }
  writer.number(static_cast<std::uint32_t>(bundle.answers.size()));
  for (const auto& [question, answer] : bundle.answers) {
    writer.text(question);
    writer.text(answer);
  }
  return writer.take();
}

Result<Bundle> deserialize(std::string_view bytes) {
  Reader reader(bytes);
  Bundle bundle;
  if (reader.number<std::uint32_t>() != kMagic) return failure("this is no bundle of configuration files");
  read_files(reader, bundle);
  read_includes(reader, bundle);
  const auto inetd_file = reader.number<std::uint16_t>();
  if (inetd_file != kNoFile) {
    bundle.inetd_file = inetd_file;
    if (inetd_file >= bundle.files.size()) reader.fail();
  }
  read_problems(reader, bundle);
  read_answers(reader, bundle);
  if (!reader.ok() || !reader.at_end()) return failure("the bundle of configuration files is damaged");
  return bundle;
}

}  // namespace reeve
