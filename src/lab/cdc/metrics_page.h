// GET /metrics: what Prometheus reads of a TiCDC node, with the names and labels of each family and
// values of the feeds as they are (ticdc-api §8; measured.md §3.25). Lags in seconds, positions in
// milliseconds of the physical clock.
#pragma once

#include "lab/cdc/api_context.h"
#include "lab/http/http_server.h"

namespace bdrmesh::lab {

HttpResponse metrics_page(const ApiContext& context);

}  // namespace bdrmesh::lab
