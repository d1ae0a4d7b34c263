#include "lab/cdc/api_changefeeds.h"

#include "lab/cdc/api_answers.h"
#include "lab/cdc/api_checks.h"
#include "lab/config/json_types.h"

namespace bdrmesh::lab {

HttpResponse ChangefeedApi::list(const ApiCall& call) {
  return ok(render_list(context_.node, context_.owner.list(), call.request.query_or("state", "")));
}

HttpResponse ChangefeedApi::bare_list(const ApiCall& call) {
  const std::string whole =
      render_list(context_.node, context_.owner.list(), call.request.query_or("state", ""));
  return ok(go_json(OrderedJson::parse(whole)["items"]));
}

HttpResponse ChangefeedApi::status(const ApiCall& call) {
  if (!context_.rules().new_arch) {
    require_name(context_.rules(), call.part("id"), "changefeed_id");
  }
  return ok(render_status(context_.node, context_.owner.view(call.part("id"))));
}

}  // namespace bdrmesh::lab
