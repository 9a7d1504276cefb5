// Table: rows of texts under titles, aligned for people.
#pragma once

#include <string>
#include <vector>

namespace reeve {

class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;  // numbers
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many texts as there are columns, printable ones. UTF-8 characters count as one column each.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  // Titles are bold with `colour`. Without rows: nothing.
  [[nodiscard]] std::string text(bool colour) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace reeve
