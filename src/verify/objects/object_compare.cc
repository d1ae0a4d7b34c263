#include "verify/objects/object_compare.h"

#include <algorithm>
#include <functional>

#include "verify/objects/sequence_text.h"

namespace bdrmesh::verify {
namespace {

using Definitions = std::map<ClusterName, std::optional<std::string>>;

std::string quoted(const std::string& name) {
  std::string out = "`";
  for (const char c : name) out += c == '`' ? "``" : std::string(1, c);
  return out + "`";
}

/// Where `word` stands outside of quotes.
std::size_t find_word(const std::string& text, std::string_view word) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != 0) {
      if (text[i] == quote) quote = 0;
    } else if (text.compare(i, word.size(), word) == 0) {
      return i;
    } else if (text[i] == '`' || text[i] == '\'' || text[i] == '"') {
      quote = text[i];
    }
  }
  return std::string::npos;
}

struct ViewText {
  std::string algorithm;
  std::string definer;
  std::string security;
  std::string body;  ///< name, columns and SELECT
};

std::optional<ViewText> view_from(const std::string& text) {
  const std::size_t algorithm = find_word(text, "ALGORITHM=");
  const std::size_t definer = find_word(text, " DEFINER=");
  const std::size_t security = find_word(text, " SQL SECURITY ");
  const std::size_t view = find_word(text, " VIEW ");
  if (view == std::string::npos || definer == std::string::npos || security == std::string::npos ||
      algorithm > definer || definer > security || security > view) {
    return std::nullopt;
  }
  const auto between = [&](std::size_t from, std::size_t to) {
    return text.substr(from, to - from);
  };
  return ViewText{between(algorithm + 10, definer), between(definer + 9, security),
                  between(security + 14, view), text.substr(view + 6)};
}

bool all_equal(const std::map<ClusterName, std::string>& fragments) {
  return std::ranges::all_of(
      fragments, [&](const auto& one) { return one.second == fragments.begin()->second; });
}

template <class Text>
class Parts {
 public:
  explicit Parts(std::map<ClusterName, Text> texts) : texts_(std::move(texts)) {}

  bool differ(const std::function<std::string(const Text&)>& read) const {
    return !all_equal(fragments(read));
  }
  std::map<ClusterName, std::string> fragments(
      const std::function<std::string(const Text&)>& read) const {
    std::map<ClusterName, std::string> out;
    for (const auto& [cluster, text] : texts_) out[cluster] = read(text);
    return out;
  }
  void compare(const std::string& what, const std::function<std::string(const Text&)>& read,
               Severity severity, const std::string& why) {
    if (differ(read)) found_.push_back({severity, what, fragments(read), why});
  }
  void add(SchemaDifference difference) { found_.push_back(std::move(difference)); }
  const std::map<ClusterName, Text>& texts() const { return texts_; }
  std::vector<SchemaDifference> found() const { return found_; }

 private:
  std::map<ClusterName, Text> texts_;
  std::vector<SchemaDifference> found_;
};

std::vector<SchemaDifference> compare_views(Parts<ViewText> parts) {
  parts.compare(
      "view definition", [](const ViewText& one) { return one.body; }, Severity::differs,
      "whoever reads the view gets other rows or columns");
  parts.compare(
      "view SQL SECURITY", [](const ViewText& one) { return one.security; }, Severity::warning,
      "it is read with other rights");
  parts.compare(
      "view DEFINER", [](const ViewText& one) { return one.definer; }, Severity::warning,
      "it is read with the rights of another user");
  parts.compare(
      "view ALGORITHM", [](const ViewText& one) { return one.algorithm; }, Severity::legitimate,
      "TiDB keeps it and reads the view the same way");
  return parts.found();
}

bool any_share_numbers(const std::map<ClusterName, SequenceText>& texts) {
  for (auto one = texts.begin(); one != texts.end(); ++one) {
    for (auto other = std::next(one); other != texts.end(); ++other) {
      if (share_numbers(one->second, other->second)) return true;
    }
  }
  return false;
}

/// Where every member allocates, equal numbers are what must not be.
void compare_own_numbers(Parts<SequenceText>& parts) {
  const auto numbers = [](const SequenceText& one) { return one.numbers(); };
  if (any_share_numbers(parts.texts())) {
    parts.add({Severity::warning, "sequence numbers", parts.fragments(numbers),
               "members hand out the same numbers, and rows made with them collide: give each "
               "START WITH and INCREMENT BY of its own"});
    return;
  }
  parts.compare("sequence numbers", numbers, Severity::legitimate,
                "each member hands out numbers of its own");
}

void compare_shared_numbers(Parts<SequenceText>& parts) {
  const auto beginning = [](const SequenceText& one) { return std::to_string(one.start); };
  const auto rest = [](const SequenceText& one) {
    return "minvalue " + std::to_string(one.least) + " maxvalue " + std::to_string(one.most) +
           " increment by " + std::to_string(one.step);
  };
  parts.compare("sequence numbers", rest, Severity::differs,
                "after a switchover other numbers are handed out");
  parts.compare("sequence START", beginning, Severity::legitimate,
                "it counts only when the sequence is made or restarted");
}

std::vector<SchemaDifference> compare_sequences(Parts<SequenceText> parts, SequenceUse use) {
  if (use == SequenceUse::everywhere) {
    compare_own_numbers(parts);
  } else {
    compare_shared_numbers(parts);
  }
  parts.compare(
      "sequence CYCLE", [](const SequenceText& one) { return one.cycle; }, Severity::differs,
      "at its end one begins again and another refuses");
  parts.compare(
      "sequence CACHE", [](const SequenceText& one) { return one.cache; }, Severity::warning,
      "the clusters reserve numbers in different steps");
  parts.compare(
      "sequence COMMENT", [](const SequenceText& one) { return one.comment; }, Severity::warning,
      "only the comment differs");
  parts.add({Severity::legitimate, "sequence value",
             parts.fragments([](const SequenceText&) { return std::string("its own"); }),
             "each cluster counts by itself, and it is not compared: only nextval() tells it, and "
             "that moves it"});
  return parts.found();
}

std::string kind_of(const std::string& text) {
  if (sequence_from(text)) return "sequence";
  return view_from(text) ? "view" : "object";
}

SchemaDifference whole(const Definitions& by_cluster, std::string what, std::string why) {
  SchemaDifference difference{Severity::differs, std::move(what), {}, std::move(why)};
  for (const auto& [cluster, text] : by_cluster) difference.fragments[cluster] = text.value_or("");
  return difference;
}

SchemaDifference missing(const Definitions& by_cluster, const std::string& kind, SequenceUse use) {
  std::string why = "the " + kind + " is missing on some clusters";
  if (kind == "sequence") {
    why += ": CREATE SEQUENCE does not replicate";
    if (use == SequenceUse::everywhere)
      why += "; make it there with START WITH and INCREMENT BY of its own";
  }
  return whole(by_cluster, kind, std::move(why));
}

std::string or_replace(const std::string& create_view) {
  return "CREATE OR REPLACE" + create_view.substr(std::string("CREATE").size());
}

/// What ALTER SEQUENCE takes to give the part the value it has in `wanted`.
std::string sequence_clause(const std::string& what, const std::string& fragment) {
  const bool alters =
      what == "sequence numbers" || what == "sequence CYCLE" || what == "sequence CACHE";
  return alters ? fragment : std::string();
}

}  // namespace

std::vector<SchemaDifference> compare_objects(const Definitions& by_cluster, SequenceUse use) {
  std::map<ClusterName, SequenceText> sequences;
  std::map<ClusterName, ViewText> views;
  std::map<ClusterName, std::string> texts;
  std::string kind;
  for (const auto& [cluster, text] : by_cluster) {
    if (!text) continue;
    texts[cluster] = *text;
    kind = kind_of(*text);
    if (const auto sequence = sequence_from(*text)) sequences[cluster] = *sequence;
    if (const auto view = view_from(*text)) views[cluster] = *view;
  }
  if (texts.empty()) return {};
  if (texts.size() != by_cluster.size()) return {missing(by_cluster, kind, use)};
  if (sequences.size() == texts.size())
    return compare_sequences(Parts<SequenceText>(sequences), use);
  if (views.size() == texts.size()) return compare_views(Parts<ViewText>(views));
  if (all_equal(texts)) return {};
  return {
      whole(by_cluster, "object",
            "it is not the same kind of thing on all clusters, or of a form that is not known")};
}

std::map<std::string, std::string> healing_of_object(const SchemaDifference& difference,
                                                     const TableName& name,
                                                     const ClusterName& reference,
                                                     const Definitions& definitions,
                                                     SequenceUse use) {
  std::map<std::string, std::string> out;
  const auto right = definitions.find(reference);
  if (difference.severity == Severity::legitimate || right == definitions.end() || !right->second)
    return out;
  const bool own_numbers = use == SequenceUse::everywhere;
  if (own_numbers && (difference.what == "sequence" || difference.what == "sequence numbers"))
    return out;
  for (const auto& [cluster, there] : difference.fragments) {
    if (there == difference.fragments.at(reference)) continue;
    const std::string use_schema = "USE " + quoted(name.schema) + "; ";
    if (difference.what == "view" || difference.what == "sequence") {
      out[cluster.value()] = use_schema + *right->second;
    } else if (difference.what.starts_with("view ")) {
      out[cluster.value()] = use_schema + or_replace(*right->second);
    } else if (const std::string clause =
                   sequence_clause(difference.what, difference.fragments.at(reference));
               !clause.empty()) {
      out[cluster.value()] =
          "ALTER SEQUENCE " + quoted(name.schema) + "." + quoted(name.table) + " " + clause;
    }
  }
  return out;
}

}  // namespace bdrmesh::verify
