#include "app/cli/render/text_table.h"

#include <algorithm>

namespace bdrmesh {
namespace {

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::string clipped(const std::string& text, std::size_t most) {
  if (width_of(text) <= most) return text;
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (begins && ++seen == most) break;
  }
  return text.substr(0, at) + "…";
}

std::string printable(const std::string& text) {
  std::string out = text;
  std::ranges::replace_if(
      out, [](char c) { return is_control(c) && c != '\n'; }, ' ');
  return out;
}

void TextTable::row(std::vector<std::string> cells) {
  cells.resize(header_.size());
  for (std::string& cell : cells) std::ranges::replace_if(cell, is_control, ' ');
  rows_.push_back(std::move(cells));
}

std::string TextTable::text(std::size_t indent) const {
  std::vector<std::size_t> widths;
  for (const std::string& cell : header_) widths.push_back(width_of(cell));
  for (const auto& row : rows_) {
    for (std::size_t at = 0; at < row.size(); ++at)
      widths[at] = std::max(widths[at], width_of(row[at]));
  }
  std::string out;
  const auto add = [&](const std::vector<std::string>& cells) {
    std::string line(indent, ' ');
    for (std::size_t at = 0; at < cells.size(); ++at) {
      line += cells[at];
      if (at + 1 < cells.size()) line.append(widths[at] - width_of(cells[at]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  add(header_);
  for (const auto& row : rows_) add(row);
  return out;
}

}  // namespace bdrmesh
