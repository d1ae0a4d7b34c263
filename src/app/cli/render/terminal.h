// Where the command line writes: data to one stream, narration to another; a clock line that is
// redrawn on terminals only.
#pragma once

#include <ostream>
#include <string>

namespace bdrmesh {

class Terminal {
 public:
  Terminal(std::ostream& data, std::ostream& narration, bool narration_is_tty)
      : data_(data), narration_(narration), tty_(narration_is_tty) {}

  void data(const std::string& text) { data_ << text << std::flush; }
  /// A line of narration; takes the clock away first.
  void say(const std::string& line) {
    wipe();
    narration_ << line << "\n" << std::flush;
  }
  /// Shows or changes the clock; nothing where it could not be redrawn.
  void clock(const std::string& text) {
    if (!tty_ || text == shown_) return;
    wipe();
    narration_ << text << std::flush;
    shown_ = text;
  }

 private:
  void wipe() {
    if (!shown_.empty()) narration_ << "\r\x1b[K";
    shown_.clear();
  }

  std::ostream& data_;
  std::ostream& narration_;
  bool tty_;
  std::string shown_;
};

}  // namespace bdrmesh
