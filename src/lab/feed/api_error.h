// An answer other than success of TiCDC's Open API: HTTP status, RFC code, text (ticdc-api §1.3,
// §2.4).
#pragma once

#include <stdexcept>
#include <string>

namespace bdrmesh::lab {

class ApiError : public std::runtime_error {
 public:
  /// @param code  `CDC:ErrAPIInvalidParam`; may be empty, as of a plain Go error.
  /// @param text  what stands behind `[code]` in error_msg.
  ApiError(int http_status, std::string rfc_code, const std::string& text)
      : std::runtime_error(text), status(http_status), code(std::move(rfc_code)) {}

  /// `[code]text`, or the bare text without code.
  std::string message() const {
    return code.empty() ? what() : "[" + code + "]" + std::string(what());
  }

  int status;
  std::string code;
  bool plain_text_header = false;  ///< a body that could not be bound
};

/// 400 CDC:ErrAPIInvalidParam.
inline ApiError invalid_param(const std::string& text) {
  return {400, "CDC:ErrAPIInvalidParam", text};
}

}  // namespace bdrmesh::lab
