// The one exception type. Kinds say what a caller may do, codes are stable, messages name things.
// Thread-safe as values are.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace bdrmesh {

/// What the caller may do about a failure.
enum class ErrorKind {
  transient,     ///< the same call may work later
  ambiguous,     ///< sent, answer lost: look before acting again
  conflict,      ///< the world moved: read again, plan again
  precondition,  ///< a person must change something first
  invalid,       ///< the request is wrong
  cancelled,     ///< asked to stop
  bug,           ///< broken invariant
};

std::string_view to_string(ErrorKind kind);
/// @throws Error bug when `text` names no kind.
ErrorKind error_kind_from(std::string_view text);

/// A failure with a stable code (`TICDC_UNREACHABLE`), a message with names and numbers, and `remedy`, the sentence
/// that tells what to do or type next (may be empty). Never holds a secret.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, std::string code, const std::string& message, std::string remedy = {})
      : std::runtime_error(message),
        kind_(kind),
        code_(std::move(code)),
        remedy_(std::move(remedy)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& code() const { return code_; }
  std::string message() const { return what(); }
  const std::string& remedy() const { return remedy_; }

 private:
  ErrorKind kind_;
  std::string code_;
  std::string remedy_;
};

}  // namespace bdrmesh
