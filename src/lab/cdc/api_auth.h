// HTTP Basic authentication of the Open API (ticdc-api §1.2): the user must be on the node's list
// and able to log in to a tidb-server of the node's own cluster.
#pragma once

#include "lab/cdc/api_context.h"
#include "lab/http/http_server.h"

namespace bdrmesh::lab {

/// Does nothing unless the node requires users. Blocks for a login.
/// @throws ApiError 401 CDC:ErrCredentialNotFound, CDC:ErrUnauthorized; of the new architecture
/// without code when no tidb-server lives.
void require_user(const ApiContext& context, const HttpRequest& request);

}  // namespace bdrmesh::lab
