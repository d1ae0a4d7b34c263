// Where the tables of a feed are worked on, over the API of the new architecture (ticdc-api §1.4).
// The lab's feeds have one worker each: moving a table changes the books, not the work.
// Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "lab/cdc/api_context.h"
#include "lab/cdc/api_router.h"

namespace bdrmesh::lab {

class TableApi {
 public:
  explicit TableApi(const ApiContext& context) : context_(context) {}

  /// @throws ApiError 500 for unknown feeds, nodes and tables; so do the others.
  HttpResponse move(const ApiCall& call);
  HttpResponse split(const ApiCall& call) const;
  HttpResponse merge(const ApiCall& call) const;
  HttpResponse count(const ApiCall& call) const;
  HttpResponse list(const ApiCall& call) const;

 private:
  ChangefeedView maintained(const ApiCall& call) const;
  std::vector<std::int64_t> spans(const ChangefeedView& view) const;
  std::int64_t table_of(const ApiCall& call, const ChangefeedView& view) const;

  const ApiContext& context_;
  mutable std::mutex mutex_;                                           // guards moved_
  std::map<std::pair<std::string, std::int64_t>, std::string> moved_;  ///< feed, table -> node
};

}  // namespace bdrmesh::lab
