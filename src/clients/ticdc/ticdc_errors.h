// What a failed TiCDC request means: outcome, status, error_code and text become one of our errors
// (ticdc-api §1.3, §2.4). Pure.
#pragma once

#include <string>

#include "base/error.h"
#include "clients/http/http_client.h"

namespace bdrmesh {

struct TicdcRequest {
  std::string url;       ///< base URL of the node
  std::string doing;     ///< "create changefeed a-b-1"
  bool changes = false;  ///< a lost answer is then ambiguous
};

/// The error for an answer that is no success. Names node, action and TiCDC's own code; values are
/// masked.
Error ticdc_error(const HttpAnswer& answer, const TicdcRequest& request);

/// Does the answer say that there is no such changefeed?
bool says_no_such_feed(const HttpAnswer& answer);

}  // namespace bdrmesh
