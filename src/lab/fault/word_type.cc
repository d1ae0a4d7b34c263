#include "lab/fault/word_type.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"

namespace bdrmesh::lab::fault {
namespace {

bool is_capital(const std::string& word) {
  return std::isupper(static_cast<unsigned char>(word.front())) != 0;
}

bool is_count(const std::string& word, std::size_t digits = 9) {
  return !word.empty() && word.size() <= digits &&
         word.find_first_not_of("0123456789") == std::string::npos;
}

/// Parts of a cluster and whether they are numbered.
struct PartName {
  const char* name;
  enum class Numbered { no, maybe, yes } numbered;
};
constexpr PartName kParts[] = {{"tidb-server", PartName::Numbered::yes},
                               {"ticdc", PartName::Numbered::maybe},
                               {"mariadb", PartName::Numbered::no},
                               {"pd", PartName::Numbered::no},
                               {"region", PartName::Numbered::no}};

std::string choice(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
  return text;
}

void require_cluster(const std::string& word, const Names& names) {
  if (std::ranges::find(names.clusters, word) != names.clusters.end()) return;
  throw Error(ErrorKind::invalid, "UNKNOWN_CLUSTER", "no cluster is called '" + word + "'",
              "the lab has: " + choice(names.clusters));
}

void require_number(const std::string& word, std::size_t most, const char* what) {
  if (is_count(word) && std::stoul(word) >= 1 && std::stoul(word) <= most) return;
  bad_fault(std::string("a cluster has ") + what + " 1" +
            (most == 1   ? ""
             : most == 2 ? " or 2"
                         : " to " + std::to_string(most)) +
            ", not " + word);
}

std::size_t take_part(const Words& words, std::size_t at, const Names& names, Arguments& into) {
  const std::string kind = words[at] == "tidb" ? "tidb-server" : words[at];
  const auto* part = std::ranges::find(kParts, kind, &PartName::name);
  if (part == std::end(kParts)) {
    bad_fault("'" + kind + "' is none of tidb-server, ticdc, mariadb, pd, region");
  }
  const bool more = at + 1 < words.size();
  into.set("PART", kind);
  if (part->numbered == PartName::Numbered::no) return 1;
  const bool is_ticdc = kind == "ticdc";
  if (!more) {
    if (part->numbered == PartName::Numbered::maybe) return 1;
    bad_fault("which tidb-server, 1 or 2?");
  }
  require_number(words[at + 1], is_ticdc ? names.ticdc_nodes : names.tidb_servers,
                 is_ticdc ? "TiCDC nodes" : "tidb-servers");
  into.set("NUMBER", words[at + 1]);
  return 2;
}

/// Whether one word is of the type that a capital word names; throws with the reason when not.
void require_type(const std::string& type, const std::string& word, const Names& names) {
  if (type == "CLUSTER" || type == "FROM" || type == "TO") return require_cluster(word, names);
  if (type == "SERVER") return require_number(word, names.tidb_servers, "tidb-servers");
  if (type == "NODE") return require_number(word, names.ticdc_nodes, "TiCDC nodes");
  if (type == "TIME" || type == "OFFSET") {
    const auto time = parse_time(word);
    if (!time) bad_fault("'" + word + "' is no time: 1500 (milliseconds), 20s, 5m, 1h");
    if (type == "TIME" && *time < Millis{0}) bad_fault("'" + word + "' is negative");
    return;
  }
  if (type == "COUNT" || type == "CODE") {
    if (!is_count(word)) bad_fault("'" + word + "' is no number");
    return;
  }
  if (type == "TSO") {
    if (!is_count(word, 19)) bad_fault("'" + word + "' is no TSO");
    return;
  }
  if (type == "TABLE" && (word.find('.') == std::string::npos || word.size() < 3)) {
    bad_fault("'" + word + "' is no schema.table");
  }
}

}  // namespace

std::vector<WordType> word_types(std::string_view usage) {
  std::vector<WordType> types;
  bool optional = false;
  for (std::string word : split_words(usage)) {
    optional = optional || word.front() == '[';
    std::erase_if(word, [](char c) { return c == '[' || c == ']'; });
    WordType type;
    type.optional = optional;
    const std::size_t colon = word.find(':');
    type.name = word.substr(0, colon);
    std::string rest = colon == std::string::npos ? word : word.substr(colon + 1);
    while (!rest.empty()) {
      const std::size_t bar = std::min(rest.find('|'), rest.size());
      type.alternatives.push_back(rest.substr(0, bar));
      rest.erase(0, bar + 1);
    }
    types.push_back(std::move(type));
  }
  return types;
}

std::size_t WordType::take(const Words& words, std::size_t at, const Names& names,
                           Arguments& into) const {
  if (name == "PART") return take_part(words, at, names, into);
  const std::string& word = words[at];
  into.set(name, word);
  const auto literal = [&word](const std::string& one) { return !is_capital(one) && one == word; };
  if (std::ranges::any_of(alternatives, literal)) return 1;
  const auto typed = std::ranges::find_if(alternatives, is_capital);
  if (typed == alternatives.end()) bad_fault("'" + word + "' is none of " + choice(alternatives));
  require_type(*typed, word, names);
  return 1;
}

std::vector<std::string> WordType::candidates(const Words& words, std::size_t& at,
                                              const Names& names) const {
  std::vector<std::string> all;
  const auto numbers = [&all](std::size_t most) {
    for (std::size_t i = 1; i <= most; ++i) all.push_back(std::to_string(i));
  };
  if (name == "PART") {
    if (at < words.size()) {
      const std::string& kind = words[at++];
      if (at < words.size() || (kind != "ticdc" && kind != "tidb-server")) {
        if (kind == "ticdc" || kind == "tidb-server") ++at;
        return {};
      }
      numbers(kind == "ticdc" ? names.ticdc_nodes : names.tidb_servers);
      return all;
    }
    for (const PartName& part : kParts) all.emplace_back(part.name);
    return all;
  }
  if (at++ < words.size()) return {};
  for (const std::string& one : alternatives) {
    if (!is_capital(one)) all.push_back(one);
    if (one == "CLUSTER" || one == "FROM" || one == "TO") all = names.clusters;
    if (one == "SERVER") numbers(names.tidb_servers);
    if (one == "NODE") numbers(names.ticdc_nodes);
  }
  return all;
}

}  // namespace bdrmesh::lab::fault
