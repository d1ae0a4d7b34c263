// The person in front of the daemon during a chaos run: asks for operations at odd moments, cancels
// and resumes them. One thread at a time.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "chaos/arena.h"

namespace bdrmesh::chaos {

/// What the schema changes of a run play with: columns and indexes of app.items.
struct SchemaObject {
  std::string name;
  bool is_index = false;
  bool operator<(const SchemaObject& other) const { return name < other.name; }
};

class Person {
 public:
  explicit Person(Arena& arena) : arena_(arena) {}

  /// One act of the script. @return what came of it, in words.
  std::string act(const std::vector<std::string>& words);

  /// All operations that the daemon knows, oldest first; none when it does not answer.
  std::vector<Json> operations() const;
  Json operation(const std::string& id) const;
  std::vector<std::string> unfinished() const;
  std::vector<std::string> blocked() const;

  /// What the schema changes that ended must have left, from the operations themselves.
  std::map<SchemaObject, bool> expected_objects() const;

 private:
  std::string ddl(const std::vector<std::string>& words);
  std::string submit(const std::string& kind, const Json& args);
  std::string steer(const std::vector<std::string>& ids, const std::string& verb);

  Arena& arena_;
  mutable std::map<std::string, Json> subjects_;  ///< of succeeded schema changes: never change
};

/// The statement that makes or takes away an object.
std::string statement_for(const SchemaObject& object, bool make);

bool is_final(const Json& operation);

}  // namespace bdrmesh::chaos
