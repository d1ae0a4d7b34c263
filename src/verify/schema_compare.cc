#include "verify/schema_compare.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "ddl/table_definition.h"

namespace bdrmesh::verify {

namespace {

using ddl::TableDefinition;

/// One part of a table, and what each cluster has of it.
struct Part {
  std::string what;
  std::map<ClusterName, std::string> fragments;
};

struct Rule {
  std::string_view option;
  Severity severity;
  std::string_view why;
};

// What may differ, by option (tidb-sql §4.3); every other option must be equal.
constexpr std::array kRules = {
    Rule{"AUTO_INCREMENT", Severity::legitimate, "each cluster allocates by itself"},
    Rule{"AUTO_RANDOM_BASE", Severity::legitimate, "each cluster allocates by itself"},
    Rule{"PLACEMENT POLICY", Severity::legitimate, "belongs to the topology and is not replicated"},
    Rule{"ATTRIBUTES", Severity::legitimate, "belongs to the topology and is not replicated"},
    Rule{"SHARD_ROW_ID_BITS", Severity::legitimate, "says only how rows are spread"},
    Rule{"PRE_SPLIT_REGIONS", Severity::legitimate, "says only how rows are spread"},
    Rule{"TTL_ENABLE", Severity::legitimate,
         "TiCDC switches TTL off in the copy; one cluster runs it"},
    Rule{"STATS_OPTIONS", Severity::legitimate, "statistics are local"},
    Rule{"AUTO_ID_CACHE", Severity::warning, "the clusters reserve IDs in different steps"},
    Rule{"COMMENT", Severity::warning, "only the comment differs"},
    Rule{"ENGINE", Severity::legitimate, "TiDB ignores it"},
};

Severity severity_of(std::string_view option, std::string& why) {
  for (const Rule& rule : kRules) {
    if (rule.option != option) continue;
    why = rule.why;
    return rule.severity;
  }
  return Severity::differs;
}

/// AUTO_RANDOM(s, 64) is what AUTO_RANDOM(s) means; which one is printed depends on the version.
std::string settled(std::string text) {
  const std::size_t at = text.find("AUTO_RANDOM(");
  const std::size_t range = at == std::string::npos ? at : text.find(", 64)", at);
  if (range != std::string::npos && text.find(')', at) == range + 4) text.erase(range, 4);
  return text;
}

bool all_equal(const std::map<ClusterName, std::string>& fragments) {
  return std::all_of(fragments.begin(), fragments.end(),
                     [&](const auto& pair) { return pair.second == fragments.begin()->second; });
}

std::string upper(std::string_view text) { return ddl::to_upper(text); }

class Comparison {
 public:
  Comparison(std::map<ClusterName, TableDefinition> tables, TableName name)
      : tables_(std::move(tables)), name_(std::move(name)) {}

  std::vector<SchemaDifference> run() {
    columns();
    column_order();
    indexes();
    clustering();
    constraints();
    options();
    partitioning();
    comments();
    return std::move(found_);
  }

 private:
  template <class Read>
  void report(const std::string& what, const Read& read, Severity severity, std::string why) {
    SchemaDifference difference{severity, what, {}, std::move(why)};
    for (const auto& [cluster, table] : tables_) difference.fragments[cluster] = read(table);
    if (!all_equal(difference.fragments)) found_.push_back(std::move(difference));
  }

  template <class List>
  std::set<std::string> names_of(const List& list) const {
    std::set<std::string> names;
    for (const auto& [cluster, table] : tables_) {
      for (const auto& element : list(table)) names.insert(upper(element.name));
    }
    return names;
  }

  void columns() {
    for (const std::string& name : names_of([](const TableDefinition& t) { return t.columns; })) {
      const auto text = [&](const TableDefinition& table) {
        const ddl::ColumnDefinition* column = table.column(name);
        return column == nullptr ? std::string() : settled(column->text);
      };
      const auto without_comment = [&](const TableDefinition& table) {
        const ddl::ColumnDefinition* column = table.column(name);
        return column == nullptr ? std::string() : settled(column->text_without_comment);
      };
      std::map<ClusterName, std::string> meaning;
      for (const auto& [cluster, table] : tables_) meaning[cluster] = without_comment(table);
      const bool only_comment = all_equal(meaning);
      report("column " + shown(name), text, only_comment ? Severity::warning : Severity::differs,
             only_comment ? "only the comment differs"
                          : "type, default or options of the column differ");
    }
  }

  /// The name as the first cluster that has it writes it.
  std::string shown(const std::string& name) const {
    for (const auto& [cluster, table] : tables_) {
      if (const auto* column = table.column(name)) return column->name;
    }
    return name;
  }

  void column_order() {
    std::set<std::set<std::string>> sets;
    for (const auto& [cluster, table] : tables_) {
      std::set<std::string> names;
      for (const auto& column : table.columns) names.insert(upper(column.name));
      sets.insert(std::move(names));
    }
    if (sets.size() != 1) return;  // a missing column has been reported
    report(
        "column order",
        [](const TableDefinition& table) {
          std::string order;
          for (const auto& column : table.columns)
            order += (order.empty() ? "" : ", ") + upper(column.name);
          return order;
        },
        Severity::warning, "TiCDC writes by name, but INSERT without names means other columns");
  }

  void indexes() {
    for (const std::string& name : names_of([](const TableDefinition& t) { return t.indexes; })) {
      bool unique_somewhere = false;
      bool only_visibility = true;
      std::set<std::string> bare;
      for (const auto& [cluster, table] : tables_) {
        const ddl::IndexDefinition* index = table.index(name);
        if (index != nullptr && index->kind != ddl::IndexKind::plain) unique_somewhere = true;
        std::string text = index == nullptr ? "" : upper(index->text);
        if (text.ends_with(" INVISIBLE")) text.resize(text.size() - 10);
        bare.insert(text);
      }
      only_visibility = bare.size() == 1;
      const Severity severity = only_visibility ? Severity::warning : Severity::differs;
      report(
          "index " + name,
          [&](const TableDefinition& table) {
            const ddl::IndexDefinition* index = table.index(name);
            return index == nullptr ? std::string() : index->text;
          },
          severity,
          only_visibility    ? "the index is invisible on some clusters"
          : unique_somewhere ? "a key that one cluster enforces is missing or different on another"
                             : "an index is missing or different");
    }
  }

  void clustering() {
    report(
        "clustered index",
        [](const TableDefinition& table) {
          if (!table.clustered) return std::string();
          return std::string(*table.clustered ? "CLUSTERED" : "NONCLUSTERED");
        },
        Severity::differs, "rows are addressed in different ways");
  }

  void constraints() {
    for (const std::string& name :
         names_of([](const TableDefinition& t) { return t.constraints; })) {
      report(
          "constraint " + name,
          [&](const TableDefinition& table) { return constraint_text(table, name); },
          Severity::differs, "a foreign key or CHECK is missing or different");
    }
  }

  /// The text with this table's schema taken out of REFERENCES: printed since v6.6 only.
  std::string constraint_text(const TableDefinition& table, const std::string& name) const {
    std::string text;
    for (const auto& constraint : table.constraints) {
      if (upper(constraint.name) == name) text = constraint.text;
    }
    const std::string qualified = "REFERENCES `" + name_.schema + "`.";
    const std::size_t at = text.find(qualified);
    if (at != std::string::npos) text.replace(at, qualified.size(), "REFERENCES ");
    return text;
  }

  void options() {
    for (const std::string& name : names_of([](const TableDefinition& t) { return t.options; })) {
      std::string why = "the option must be equal";
      const Severity severity = severity_of(name, why);
      report(
          "option " + name,
          [&](const TableDefinition& table) {
            std::string value;
            for (const auto& option : table.options) {
              if (option.name == name) value = option.value;
            }
            return value;
          },
          severity, why);
    }
  }

  void partitioning() {
    report(
        "partitioning", [](const TableDefinition& table) { return table.partitioning; },
        Severity::differs, "rows are partitioned in different ways");
  }

  /// `CACHED ON` and `FOREIGN KEY INVALID` come as plain comments.
  void comments() {
    const auto joined = [](const TableDefinition& table, bool invalid) {
      std::string text;
      for (const std::string& comment : table.comments) {
        if ((comment.find("FOREIGN KEY INVALID") != std::string::npos) == invalid) text += comment;
      }
      return text;
    };
    report(
        "foreign key state", [&](const TableDefinition& t) { return joined(t, true); },
        Severity::differs, "a foreign key is not enforced on some clusters");
    report(
        "table comment marks", [&](const TableDefinition& t) { return joined(t, false); },
        Severity::warning, "cached tables are local to each cluster");
  }

  std::map<ClusterName, TableDefinition> tables_;
  TableName name_;
  std::vector<SchemaDifference> found_;
};

SchemaDifference whole(const std::map<ClusterName, std::optional<std::string>>& by_cluster,
                       std::string why) {
  SchemaDifference difference{Severity::differs, "table", {}, std::move(why)};
  for (const auto& [cluster, text] : by_cluster) difference.fragments[cluster] = text.value_or("");
  return difference;
}

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::legitimate:
      return "legitimate";
    case Severity::warning:
      return "warning";
    case Severity::differs:
      return "differs";
  }
  return "differs";
}

std::vector<SchemaDifference> compare_definitions(
    const std::map<ClusterName, std::optional<std::string>>& by_cluster, const TableName& table) {
  std::map<ClusterName, std::string> texts;
  for (const auto& [cluster, text] : by_cluster) {
    if (text) texts[cluster] = *text;
  }
  if (texts.empty()) return {};
  if (texts.size() != by_cluster.size()) {
    return {whole(by_cluster, "the table is missing on some clusters")};
  }
  if (all_equal(texts)) return {};
  std::map<ClusterName, TableDefinition> definitions;
  for (const auto& [cluster, text] : texts) {
    try {
      definitions[cluster] = ddl::parse_table(text);
    } catch (const Error&) {  // a view or a sequence, or a text from a version that we do not know
      return {whole(by_cluster,
                    "the definitions differ and are no tables that can be compared by parts")};
    }
    if (!definitions[cluster].understood) {
      return {whole(by_cluster, "the definitions differ, and this is not understood on " +
                                    cluster.value() + ": " + definitions[cluster].not_understood)};
    }
  }
  return Comparison(std::move(definitions), table).run();
}

}  // namespace bdrmesh::verify
