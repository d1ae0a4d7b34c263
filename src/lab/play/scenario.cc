#include "lab/play/scenario.h"

#include <algorithm>
#include <functional>
#include <map>

#include "base/error.h"
#include "lab/fault/fault_catalogue.h"
#include "lab/play/load_words.h"

namespace bdrmesh::lab::play {
namespace {

constexpr Millis kPatience{30'000};

[[noreturn]] void bad_line(const std::string& why) {
  throw Error(ErrorKind::invalid, "BAD_SCENARIO", why);
}

Millis time_in(const Words& words, std::size_t at) {
  if (at >= words.size()) bad_line("a time is missing");
  const auto time = fault::parse_time(words[at]);
  if (!time || *time < Millis{0}) bad_line("'" + words[at] + "' is no time: 500ms, 20s, 5m, 1h");
  return *time;
}

void require_cluster(const std::string& word, const Names& names) {
  if (std::ranges::find(names.clusters, word) == names.clusters.end()) {
    bad_line("no cluster is called '" + word + "'");
  }
}

/// Takes `within TIME` from the end.
Millis take_patience(Words& words) {
  if (words.size() < 2 || words[words.size() - 2] != "within") return kPatience;
  const Millis patience = time_in(words, words.size() - 1);
  words.resize(words.size() - 2);
  return patience;
}

Action read_expectation(Words words, const Names& names) {
  Action action;
  action.patience = take_patience(words);
  const std::string what = words.size() > 1 ? words[1] : "";
  if (what == "nothing" && words.size() == 3 && words[2] == "lost") {
    action.kind = Action::Kind::expect_nothing_lost;
  } else if (what == "feeds" && words.size() == 3) {
    action.kind = Action::Kind::expect_feeds;
    action.wanted = words[2];
  } else if (words.size() == 6 && what == "sql" && words[4] == "=") {
    require_cluster(words[2], names);
    action.kind = Action::Kind::expect_sql;
    action.cluster = words[2];
    action.statement = words[3];
    action.wanted = words[5];
  } else {
    bad_line("expect what? `nothing lost`, `feeds STATE`, `sql CLUSTER 'STATEMENT' = 'RESULT'`");
  }
  return action;
}

Action read_load(const Words& words) {
  if (words.size() == 2 && words[1] == "stop") return {.kind = Action::Kind::load_stop};
  if (words.size() < 2 || words[1] != "start") bad_line("load what? `start` or `stop`");
  const Words options(words.begin() + 2, words.end());
  read_load_words(options);
  return {.kind = Action::Kind::load_start, .words = options};
}

Action read_action(const Words& words, const Names& names) {
  if (words.empty()) bad_line("nothing is to be done");
  const std::string& verb = words[0];
  if (verb == "expect") return read_expectation(words, names);
  if (verb == "load") return read_load(words);
  if (verb == "wait" && words.size() == 2) {
    return {.kind = Action::Kind::wait, .patience = time_in(words, 1)};
  }
  if (verb == "mesh" && words.size() == 1) return {.kind = Action::Kind::mesh};
  if (verb == "say") return {.kind = Action::Kind::say, .words = {words.begin() + 1, words.end()}};
  if (verb == "sql" && words.size() == 3) {
    require_cluster(words[1], names);
    return {.kind = Action::Kind::sql, .cluster = words[1], .statement = words[2]};
  }
  const bool named = verb == "fault";
  if (named || verb == "heal") {
    const Words ordered(words.begin() + (named ? 1 : 0), words.end());
    fault::check_words(ordered, names);
    return {.kind = Action::Kind::fault, .words = ordered};
  }
  bad_line("'" + verb + "' is none of fault, heal, wait, load, mesh, sql, expect, say" +
           (words.size() > 1 ? ", or has other words behind it" : ""));
}

Step read_step(Words words, const Names& names) {
  Step step;
  if (words[0] == "at") {
    step.at = time_in(words, 1);
    words.erase(words.begin(), words.begin() + 2);
  } else if (words[0] == "every") {
    step.every = time_in(words, 1);
    if (*step.every < Millis{10}) bad_line("every 10ms is the shortest");
    words.erase(words.begin(), words.begin() + 2);
    if (!words.empty() && words[0] == "until") {
      step.until = time_in(words, 1);
      words.erase(words.begin(), words.begin() + 2);
    }
  }
  step.action = read_action(words, names);
  const bool waits = step.action.kind == Action::Kind::wait;
  if (step.every && waits) bad_line("a wait cannot be repeated");
  return step;
}

/// The line without what stands behind a # outside of quotes.
std::string_view without_comment(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote != 0) {
      if (line[i] == quote) quote = 0;
    } else if (line[i] == '\'' || line[i] == '"') {
      quote = line[i];
    } else if (line[i] == '#') {
      return line.substr(0, i);
    }
  }
  return line;
}

}  // namespace

Scenario read_scenario(std::string_view text, const Names& names) {
  Scenario scenario;
  std::string wrong;
  Millis latest{0};
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = without_comment(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    try {
      const Words words = fault::split_words(line);
      if (words.empty()) continue;
      Step step = read_step(words, names);
      step.line = number;
      step.text = fault::joined(words);
      if (step.at && *step.at < latest) bad_line("this time is before that of a line above");
      latest = step.at.value_or(latest);
      scenario.push_back(std::move(step));
    } catch (const Error& e) {
      wrong +=
          (wrong.empty() ? "" : "\n") + ("line " + std::to_string(number) + ": ") + e.message();
    }
  }
  if (!wrong.empty()) bad_line(wrong);
  if (scenario.empty()) bad_line("the scenario is empty");
  return scenario;
}

}  // namespace bdrmesh::lab::play
