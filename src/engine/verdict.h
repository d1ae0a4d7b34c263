// What a look at the world says about a step.
#pragma once

#include <string>

namespace bdrmesh {

struct Verdict {
  enum class Kind { holds, not_yet, refused };
  Kind kind = Kind::not_yet;
  std::string reason;  ///< not_yet: what is waited for; refused: why it never comes true by waiting
  std::string code;    ///< refused: stable code such as GATE_OPENED_BY_OTHER
  std::string remedy;  ///< refused: what a person can do or type next
};

inline Verdict holds() { return {Verdict::Kind::holds, {}, {}, {}}; }
inline Verdict not_yet(std::string waiting_for) {
  return {Verdict::Kind::not_yet, std::move(waiting_for), {}, {}};
}
inline Verdict refused(std::string code, std::string why, std::string remedy = {}) {
  return {Verdict::Kind::refused, std::move(why), std::move(code), std::move(remedy)};
}

}  // namespace bdrmesh
