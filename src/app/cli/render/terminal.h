// Where the command line writes: data to one stream, narration to another; a block of lines below
// the narration that is redrawn in place, on terminals only. Colours repeat what the words say.
#pragma once

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace bdrmesh {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

class Terminal {
 public:
  Terminal(std::ostream& data, std::ostream& narration, bool narration_is_tty)
      : data_(data), narration_(narration), tty_(narration_is_tty) {}

  void colour_data(bool on) { colour_data_ = on; }
  void colour_narration(bool on) { colour_narration_ = on; }
  void measure(std::function<TerminalSize()> size) { size_ = std::move(size); }

  bool narration_is_tty() const { return tty_; }
  TerminalSize size() const { return size_ ? size_() : TerminalSize{}; }

  /// As it is: JSON, ids, scripts.
  void data(const std::string& text);
  /// Text for people: coloured where that is wanted.
  void data_for_people(const std::string& text);
  /// A line of narration; takes the block away first.
  void say(const std::string& line);
  /// Shows or changes the block, clipped to the terminal; nothing where it could not be redrawn.
  void block(std::vector<std::string> lines);

 private:
  void wipe();

  std::ostream& data_;
  std::ostream& narration_;
  bool tty_;
  bool colour_data_ = false;
  bool colour_narration_ = false;
  std::function<TerminalSize()> size_;
  std::vector<std::string> shown_;
};

/// Colours the words of states and verdicts (`healthy`, `blocked`, `refused` ...) where they stand
/// alone in a column or begin a line. Pure; the text without its colours stays the same.
std::string painted(const std::string& text);

}  // namespace bdrmesh
