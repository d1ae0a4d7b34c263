// docs/openapi.yaml as tests read it: its operations, and whether an answer is as it describes.
// Stricter than JSON Schema: an object has exactly the members that are described, unless
// `additionalProperties` says otherwise. Values; not thread-safe while it is loaded.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"

namespace bdrmesh::testing_api {

struct DescribedOperation {
  std::string method;  ///< GET, POST
  std::string path;    ///< "/clusters/{name}"
  Json parameters = Json::array();
  Json body;  ///< schema of the JSON body; null: takes none
  bool body_required = false;
  bool asks_clusters = false;
  std::map<int, std::map<std::string, Json>> responses;  ///< status -> media type -> schema
  std::set<int> edge;                                    ///< what any route may answer besides
  std::vector<std::string> query() const;
};

class OpenApi {
 public:
  /// @throws std::exception when the file cannot be read or a reference leads nowhere.
  explicit OpenApi(const std::string& path);

  const std::vector<DescribedOperation>& operations() const { return operations_; }
  const DescribedOperation* find(const std::string& method, const std::string& path) const;

  /// What is not as described; empty: all is.
  std::vector<std::string> judge(const DescribedOperation& operation, int status,
                                 const std::string& media, const std::string& body) const;
  /// The same for a failure outside of every route.
  std::vector<std::string> judge_problem(int status, const std::string& media,
                                         const std::string& body) const;
  std::vector<std::string> check(const Json& value, const Json& schema,
                                 const std::string& where) const;

 private:
  const Json& resolved(const Json& node) const;
  void add(const std::string& path, const Json& item);

  Json document_;
  std::vector<DescribedOperation> operations_;
};

}  // namespace bdrmesh::testing_api
