// A password or token. Prints as stars; only `reveal` gives the text, to hand it to a client library.
#pragma once

#include <ostream>
#include <string>

namespace bdrmesh {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

}  // namespace bdrmesh
