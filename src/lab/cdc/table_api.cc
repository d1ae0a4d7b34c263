#include "lab/cdc/table_api.h"

#include <algorithm>
#include <charconv>

#include "lab/cdc/api_answers.h"
#include "lab/cdc/api_tables.h"
#include "lab/config/json_types.h"

namespace bdrmesh::lab {

namespace {

/// A number of the query, with Go's words when it is none.
std::int64_t number_in_query(const HttpRequest& request, const std::string& name) {
  const std::string text = request.query_or(name, "");
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw ApiError(500, "", "strconv.ParseInt: parsing \"" + text + "\": invalid syntax");
  }
  return value;
}

}  // namespace

ChangefeedView TableApi::maintained(const ApiCall& call) const {
  const std::string& id = call.part("id");
  for (ChangefeedView& view : context_.owner.list()) {
    if (view.info.id == id) return std::move(view);
  }
  throw ApiError(500, "", "Can't not find maintainer for changefeed: " + id);
}

/// The tables, and 0 for the one span that carries DDL.
std::vector<std::int64_t> TableApi::spans(const ChangefeedView& view) const {
  std::vector<std::int64_t> ids = replicated_table_ids(context_.cluster, view.info.config);
  ids.insert(ids.begin(), 0);
  return ids;
}

std::int64_t TableApi::table_of(const ApiCall& call, const ChangefeedView& view) const {
  const std::int64_t table = number_in_query(call.request, "tableID");
  const std::vector<std::int64_t> known = spans(view);
  if (std::find(known.begin(), known.end(), table) != known.end()) return table;
  throw ApiError(500, "CDC:ErrTableIsNotFounded",
                 "table is not found%!(EXTRA string=tableID, int64=" + std::to_string(table) + ")");
}

HttpResponse TableApi::move(const ApiCall& call) {
  const std::int64_t asked = number_in_query(call.request, "tableID");
  const ChangefeedView view = maintained(call);
  const std::string node = call.request.query_or("targetNodeID", "");
  const std::vector<CaptureView> captures = context_.captures();
  if (std::none_of(captures.begin(), captures.end(),
                   [&](const CaptureView& capture) { return capture.id == node; })) {
    throw ApiError(500, "CDC:ErrNodeIsNotFound",
                   "node is not found%!(EXTRA string=targetNode, node.ID=" + node + ")");
  }
  table_of(call, view);
  const std::lock_guard lock(mutex_);
  moved_[{view.info.id, asked}] = node;
  return ok("{}");
}

HttpResponse TableApi::split(const ApiCall& call) const {
  const ChangefeedView view = maintained(call);
  const OrderedJson config = OrderedJson::parse(view.info.config.shown);
  if (!config["scheduler"].value("enable_table_across_nodes", false)) {
    throw invalid_param(
        "enable_table_across_nodes should be true when spliting one table to multiple spans");
  }
  table_of(call, view);
  return ok("{}");
}

HttpResponse TableApi::merge(const ApiCall& call) const {
  table_of(call, maintained(call));
  return ok("{}");
}

HttpResponse TableApi::count(const ApiCall& call) const {
  return ok("{\"count\":" + std::to_string(spans(maintained(call)).size()) + "}");
}

HttpResponse TableApi::list(const ApiCall& call) const {
  const ChangefeedView view = maintained(call);
  std::map<std::string, std::vector<std::int64_t>> by_node;
  {
    const std::lock_guard lock(mutex_);
    for (const std::int64_t table : spans(view)) {
      const auto moved = moved_.find({view.info.id, table});
      by_node[moved == moved_.end() ? context_.node.capture_id : moved->second].push_back(table);
    }
  }
  OrderedJson items = OrderedJson::array();
  for (const auto& [node, tables] : by_node) {
    OrderedJson item;
    item["node_id"] = node;
    item["table_ids"] = tables;
    items.push_back(std::move(item));
  }
  OrderedJson out;
  out["total"] = items.size();
  out["items"] = std::move(items);
  return ok(go_json(out));
}

}  // namespace bdrmesh::lab
