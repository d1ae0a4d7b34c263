// Why a feed does not go on, as TiCDC reports it (ticdc-api §2.1, §2.3).
#pragma once

#include <stdexcept>
#include <string>

#include "base/clock.h"

namespace bdrmesh::lab {

/// The error object of a changefeed.
struct FeedError {
  WallTime time;
  std::string code;  ///< `CDC:ErrMySQLTxnError`
  std::string message;
};

/// Ends a feed's present run.
class FeedFailure : public std::runtime_error {
 public:
  enum class Kind {
    duplicate_entry,  ///< `warning`; the feed restarts by itself about a second later and uses
                      ///< REPLACE
    retryable,        ///< `pending`, then tried again with growing pauses
    unretryable,      ///< `failed`
  };

  FeedFailure(Kind failure_kind, std::string rfc_code, const std::string& message)
      : std::runtime_error(message), kind(failure_kind), code(std::move(rfc_code)) {}

  Kind kind;
  std::string code;
};

}  // namespace bdrmesh::lab
