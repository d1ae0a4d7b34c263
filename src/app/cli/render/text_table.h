// Columns of text, aligned. Pure; counts characters, not bytes.
#pragma once

#include <string>
#include <vector>

namespace bdrmesh {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) : header_(std::move(header)) {}
  /// Control characters in cells become spaces, so that nobody's data can repaint a terminal.
  void row(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  /// Lines with `indent` spaces before each; the last column is not padded.
  std::string text(std::size_t indent = 0) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

/// At most `most` characters of the text; the last one is an ellipsis when something was cut off.
std::string clipped(const std::string& text, std::size_t most);

/// The same text without control characters other than line ends.
std::string printable(const std::string& text);

}  // namespace bdrmesh
