#include "lab/history/past_timeline.h"

#include <algorithm>

#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

bool same_table(const ObjectName& a, const ObjectName& b) {
  return to_lower(a.name) == to_lower(b.name) && to_lower(a.schema) == to_lower(b.schema);
}

std::int64_t PastTimeline::add(PastDdl ddl) {
  ddl.id = next_++;
  ddls_.push_back(std::move(ddl));
  return ddls_.back().id;
}

void PastTimeline::finish(std::int64_t id, std::uint64_t ts) {
  for (PastDdl& ddl : ddls_) {
    if (ddl.id == id) ddl.ts = ts;
  }
}

void PastTimeline::withdraw(std::int64_t id) {
  std::erase_if(ddls_, [&](const PastDdl& ddl) { return ddl.id == id; });
}

PastOrigin PastTimeline::origin(const ObjectName& table, std::uint64_t ts) const {
  PastOrigin origin;
  origin.legs.push_back({table, 0});
  for (const PastDdl& ddl : ddls_) {
    if (ddl.ts != 0 && ddl.ts <= ts) continue;
    const bool met = !origin.path.empty();
    if (!same_table(ddl.table, origin.present())) {
      // Somebody else took the name later.
      if (!met && ddl.kind == PastDdl::Kind::renamed && same_table(ddl.new_name, table)) {
        origin.existed = false;
        return origin;
      }
      continue;
    }
    if (ddl.kind == PastDdl::Kind::created) {
      if (met) continue;
      origin.existed = false;
      return origin;
    }
    if (!met) {
      origin.definition = ddl.definition;
      origin.shown = ddl.shown;
    }
    origin.path.push_back(ddl.id);
    if (ddl.kept) {
      origin.kept = ddl.kept;
      origin.end_job = ddl.job;
      return origin;
    }
    if (ddl.kind == PastDdl::Kind::renamed) {
      origin.legs.back().until_job = ddl.job;
      origin.legs.push_back({ddl.new_name, 0});
    }
  }
  return origin;
}

std::vector<ObjectName> PastTimeline::touched_since(std::uint64_t ts,
                                                    const std::string& schema) const {
  std::vector<ObjectName> names;
  const auto add_once = [&](const ObjectName& name) {
    if (name.name.empty()) return;
    if (!schema.empty() && to_lower(name.schema) != to_lower(schema)) return;
    const auto same = [&](const ObjectName& other) { return same_table(name, other); };
    if (std::none_of(names.begin(), names.end(), same)) names.push_back(name);
  };
  for (const PastDdl& ddl : ddls_) {
    if (ddl.ts != 0 && ddl.ts <= ts) continue;
    add_once(ddl.table);
    add_once(ddl.new_name);
  }
  return names;
}

std::vector<std::string> PastTimeline::forget_before(std::uint64_t ts) {
  std::vector<std::string> lost;
  std::erase_if(ddls_, [&](const PastDdl& ddl) {
    if (ddl.ts == 0 || ddl.ts >= ts) return false;
    if (ddl.kept && !ddl.kept->table.empty()) lost.push_back(ddl.kept->table);
    return true;
  });
  return lost;
}

}  // namespace bdrmesh::lab
