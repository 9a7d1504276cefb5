// The structure of a file: what is said piece by piece, where, and what damage costs.
#include "config/entry.h"

#include <string>

#include <gtest/gtest.h>

#include "config/bundle.h"

namespace reeve {
namespace {

struct Read {
  std::string pieces;  // one a line
  std::string errors;  // LINE:COLUMN text
};

Read read(std::string_view text, EntryReader::Depth depth = EntryReader::Depth::everything) {
  Report report;
  EntryReader reader(text, 0, depth, report);
  Read result;
  while (const Piece* piece = reader.next()) {
    const std::string word(piece->word.text);
    switch (piece->kind) {
      case Piece::Kind::service_begins:
        result.pieces += "service " + word;
        break;
      case Piece::Kind::defaults_begins:
        result.pieces += "defaults";
        break;
      case Piece::Kind::assignment:
        result.pieces += word + " " + std::string(to_text(piece->assignment.op));
        for (const Word& value : piece->assignment.values)
          result.pieces +=
              " " + std::string(value.text) + "@" + std::to_string(value.where.line) + ":" + std::to_string(value.where.column);
        break;
      case Piece::Kind::entry_ends:
        result.pieces += piece->damaged ? "damaged" : "end";
        break;
      case Piece::Kind::include:
        result.pieces += "include " + word;
        break;
      case Piece::Kind::include_directory:
        result.pieces += "includedir " + word;
        break;
    }
    result.pieces += '\n';
  }
  for (const Diagnostic& one : report.take())
    result.errors += std::to_string(one.where.line) + ":" + std::to_string(one.where.column) + " " + one.text + "\n";
  return result;
}

std::string pieces(std::string_view text) {
  return read(text).pieces;
}

std::string errors(std::string_view text) {
  return read(text).errors;
}

TEST(EntryReader, HandsOutWhatTheFileSays) {
  const Read result = read(
      "# a comment\n\n   # another\nservice a\n{\n\t# inside\n\tport\t=\t1\n  only_from += x  y\n\tenv -= A=1\n}\n"
      "DEFAULTS\n{\n}\nIncludeDir /etc/x.d\ninclude /etc/y");
  EXPECT_EQ(
      result.pieces,
      "service a\nport = 1@7:9\nonly_from += x@8:16 y@8:19\nenv -= A=1@9:9\nend\ndefaults\nend\nincludedir /etc/x.d\ninclude /etc/y\n");
  EXPECT_EQ(result.errors, "");
}

TEST(EntryReader, BlanksAroundTheOperatorAreWelcomeAndNotNeeded) {
  for (const char* line : {"a = b", "a=b", "a =b", "a= b", "\ta\t=\tb\t", "a  =  b  ", "a = b\r", "a=\vb\f"}) {
    const Read result = read("service s\n{\n" + std::string(line) + "\n}\n");
    EXPECT_TRUE(result.pieces.starts_with("service s\na = b@3:")) << line << result.pieces;
    EXPECT_EQ(result.errors, "") << line;
  }
  EXPECT_EQ(pieces("service s\n{\na+=b\nc-=d\ne += f\nenv=A=1\n}\n"),
            "service s\na += b@3:4\nc -= d@4:4\ne += f@5:6\nenv = A=1@6:5\nend\n");
}

TEST(EntryReader, CrLfAndByteOrderMarkAreTaken) {
  const Read result = read("\xef\xbb\xbfservice a\r\n{\r\n\tport = 1\r\n}\r\n");
  EXPECT_EQ(result.pieces, "service a\nport = 1@3:9\nend\n");
  EXPECT_EQ(result.errors, "");
}

TEST(EntryReader, HashInsideALineIsNoComment) {
  EXPECT_EQ(pieces("service a\n{\nx = 1 #2\n}\n"), "service a\nx = 1@3:5 #2@3:7\nend\n");
}

TEST(EntryReader, AStrayLineCostsOnlyItself) {
  EXPECT_EQ(pieces("what is this\nservice a\n{\nx = 1\n}\n"), "service a\nx = 1@4:5\nend\n");
  EXPECT_EQ(errors("what is this\nand that\n}\nservice a\n{\n}\nx\n"), "1:1 `what` belongs to no entry\n7:1 `x` belongs to no entry\n");
}

TEST(EntryReader, AMissingClosingBraceCostsTheEntryOnly) {
  const Read result = read("service a\n{\nx = 1\nservice b\n{\ny = 2\n}\n");
  EXPECT_EQ(result.pieces, "service a\nx = 1@3:5\ndamaged\nservice b\ny = 2@6:5\nend\n");
  EXPECT_EQ(result.errors, "1:1 the entry has no closing brace\n");
  EXPECT_EQ(pieces("service a\n{\nx = 1\n"), "service a\nx = 1@3:5\ndamaged\n");
  EXPECT_EQ(pieces("service a\n{\ninclude /x\nx = 1\n}\nservice b\n{\n}\n"), "service a\ndamaged\ninclude /x\nservice b\nend\n");
}

TEST(EntryReader, AMissingOpeningBraceCostsTheEntryOnly) {
  const Read result = read("service a\nx = 1\ny = 2\n}\nservice b\n{\n}\n");
  EXPECT_EQ(result.pieces, "service a\ndamaged\nservice b\nend\n");
  EXPECT_EQ(result.errors, "2:1 expected `{` on a line of its own before `x`\n");
  EXPECT_EQ(pieces("service a\nservice b\n{\n}\n"), "service a\ndamaged\nservice b\nend\n");
  EXPECT_EQ(pieces("service a\n}\nservice b\n{\n}\n"), "service a\ndamaged\nservice b\nend\n");
  EXPECT_EQ(pieces("service a"), "service a\ndamaged\n");
}

TEST(EntryReader, TheHeadOfAnEntryIsStrict) {
  EXPECT_EQ(pieces("service\n{\n}\n"), "service \ndamaged\n");
  EXPECT_EQ(pieces("service a {\nx = 1\n}\nservice b\n{\n}\n"), "service a\ndamaged\nservice b\nend\n");
  EXPECT_EQ(errors("service a b\n{\n}\n"), "1:11 `b` does not belong here\n");
  EXPECT_EQ(pieces("defaults x\n{\n}\n"), "defaults\ndamaged\n");
}

TEST(EntryReader, ALineWithoutOperatorDamagesItsEntry) {
  for (const char* line : {"nonsense", "= x", "+= x", "{", "a b = c", "a - = b", "} x"}) {
    const Read result = read("service s\n{\n" + std::string(line) + "\nok = 1\n}\n");
    EXPECT_EQ(result.pieces, "service s\nok = 1@4:6\ndamaged\n") << line;
    EXPECT_TRUE(result.errors.starts_with("3:1 ")) << line << result.errors;
  }
}

TEST(EntryReader, KeywordsWithAnOperatorAreAttributes) {
  EXPECT_EQ(pieces("service s\n{\nservice = x\ndefaults += y\ninclude=z\n}\n"),
            "service s\nservice = x@3:11\ndefaults += y@4:13\ninclude = z@5:9\nend\n");
}

TEST(EntryReader, BytesThatAreNoTextAreErrorsWithTheirPosition) {
  using namespace std::string_literals;
  EXPECT_EQ(errors("service s\n{\nserver_args = a\0b\n}\n"s), "3:16 the line holds a NUL byte\n");
  EXPECT_EQ(errors("service s\n{\nserver_args = a \xff\n}\n"), "3:17 the line is not valid UTF-8\n");
  EXPECT_EQ(errors("service \xff\xfe\xc0\x80\n{\n}\n"), "1:9 the line is not valid UTF-8\n");
  EXPECT_EQ(errors("\0\0\0\n"s), "1:1 the line holds a NUL byte\n");
  EXPECT_EQ(pieces("service s\n{\nx = \xff\ny = 1\n}\n"), "service s\ny = 1@4:5\ndamaged\n");
  EXPECT_EQ(read("# \xff\0\nservice s\n{\nx = h\xc3\xb6\n}\n"s).errors, "") << "comments are nobody's business, and UTF-8 is text";
}

TEST(EntryReader, LinesHaveABound) {
  const std::string most(kMaxLineBytes - 4, 'a');
  EXPECT_EQ(errors("service s\n{\nx = " + most + "\n}\n"), "");
  const Read result = read("service s\n{\nx = a" + most + "\ny = 1\n}\nservice t\n{\n}\n");
  EXPECT_EQ(result.errors, "3:1 the line is longer than 65536 bytes\n");
  EXPECT_EQ(result.pieces, "service s\ny = 1@4:5\ndamaged\nservice t\nend\n");
  EXPECT_EQ(pieces("service " + most + most + "\n{\n}\nservice t\n{\n}\n"), "service \ndamaged\nservice t\nend\n");
}

TEST(EntryReader, ANoisyFileYieldsABoundedReport) {
  std::string noise;
  for (int i = 0; i < 20'000; ++i) noise += "service\n?\n}\nx\n";
  Report report;
  EntryReader reader(noise, 0, EntryReader::Depth::everything, report);
  while (reader.next() != nullptr) {
  }
  EXPECT_TRUE(report.has_errors());
  EXPECT_LE(report.take().size(), Report::kMaxDiagnostics + 1);
}

TEST(EntryReader, ShallowerReadingFindsTheSameStructure) {
  const std::string text =
      "stray\nservice a\n{\nx = 1\ninstances = 2\n}\ndefaults\n{\ny = 1\n}\ninclude /a\nservice b\ninclude /b\nservice c\n{\n} "
      "x\ndefaults\n{\nz = 1\nincludedir /c\n";
  EXPECT_EQ(read(text, EntryReader::Depth::only_includes).pieces, "service \ninclude /a\nservice \ninclude /b\nservice \nincludedir /c\n");
  EXPECT_EQ(
      read(text, EntryReader::Depth::no_services).pieces,
      "service \ndefaults\ny = 1@9:5\nend\ninclude /a\nservice \ninclude /b\nservice \ndefaults\nz = 1@19:5\ndamaged\nincludedir /c\n");
}

}  // namespace
}  // namespace reeve
