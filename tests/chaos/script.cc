#include "chaos/script.h"

#include <algorithm>
#include <random>
#include <sstream>

namespace bdrmesh::chaos {
namespace {

/// Everything random comes from one seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  Millis between(std::int64_t least, std::int64_t most) {
    return Millis{least + static_cast<std::int64_t>(below(static_cast<std::size_t>(most - least)))};
  }
  std::string number(std::size_t most) { return std::to_string(1 + below(most)); }

 private:
  std::mt19937_64 random_;
};

/// `$C` and `$D` stand for two clusters, `$S` for a tidb-server, `$N` for a TiCDC node, `$T` for a
/// time of up to two seconds, `$O` for an object that DDL makes or takes away.
struct Recipe {
  Actor actor;
  const char* words;
  int weight;
  std::int64_t least_ms = 0;  ///< how long it lasts
  std::int64_t most_ms = 0;
};

constexpr Recipe kRecipes[] = {
    {Actor::person, "ddl column $O", 22},
    {Actor::person, "ddl index $O", 6},
    {Actor::person, "ddl column $O short", 4},
    {Actor::person, "verify", 6},
    {Actor::person, "apply", 5},
    {Actor::person, "cancel", 5},
    {Actor::person, "resume", 7},
    {Actor::person, "gate-open $C", 2},
    {Actor::person, "gate-close $C", 3},
    {Actor::daemon, "kill", 14, 50, 2500},
    {Actor::daemon, "suspend", 11, 200, 4000},
    {Actor::daemon, "kill-and-rescue", 2, 1500, 3000},
    {Actor::daemon, "suspend-and-rescue", 2, 1500, 3000},
    {Actor::daemon, "second", 1},
    {Actor::lab, "kill $C tidb-server $S", 6, 200, 2500},
    {Actor::lab, "suspend $C tidb-server $S", 8, 200, 3500},
    {Actor::lab, "kill $C ticdc $N", 6, 200, 2500},
    {Actor::lab, "suspend $C ticdc $N", 4, 200, 2500},
    {Actor::lab, "kill $C mariadb", 2, 300, 3000},
    {Actor::lab, "suspend $C mariadb", 3, 300, 4000},
    {Actor::lab, "suspend $C pd", 3, 200, 2500},
    {Actor::lab, "kill $C region", 2, 500, 4000},
    {Actor::lab, "suspend $C region", 2, 500, 5000},
    {Actor::lab, "move-owner $C", 3},
    {Actor::lab, "freeze-feed $C $D", 8, 300, 8000},
    {Actor::lab, "delay-feed $C $D $T", 4, 1000, 8000},
    {Actor::lab, "pause-feed $C $D", 2, 500, 4000},
    {Actor::lab, "lose-answer $C tidb tidb_super_read_only", 4},
    {Actor::lab, "lose-answer $C tidb bdrmesh_local", 4},
    {Actor::lab, "lose-answer $C tidb ALTER", 4},
    {Actor::lab, "lose-answer $C tidb BDR", 2},
    {Actor::lab, "lose-answer $C tidb COMMIT", 3},
    {Actor::lab, "lose-answer $C ticdc /changefeeds", 2},
    {Actor::lab, "slow-sysvar $C $S $T", 4, 1000, 8000},
    {Actor::lab, "slow-ddl $C $T", 4, 1000, 8000},
    {Actor::lab, "hold-ddl $C", 3, 500, 5000},
    {Actor::lab, "fail-ddl $C 1 1105 chaos_", 2},
    {Actor::lab, "roll-back-ddl $C 1 1062 bdrmesh:op", 3},
    {Actor::lab, "hold-commits $C $T", 3, 500, 3000},
    {Actor::lab, "silence $C $S hangs", 3, 500, 4000},
    {Actor::lab, "fail-trx $C 2", 3},
    {Actor::lab, "close-gate $C", 2, 500, 4000},
    {Actor::lab, "open-gate $C", 2},
};

const Recipe& choose(Dice& dice, bool of_persons) {
  std::vector<const Recipe*> fitting;
  int all = 0;
  for (const Recipe& recipe : kRecipes) {
    if ((recipe.actor == Actor::person) != of_persons) continue;
    fitting.push_back(&recipe);
    all += recipe.weight;
  }
  int left = static_cast<int>(dice.below(static_cast<std::size_t>(all)));
  for (const Recipe* recipe : fitting) {
    left -= recipe->weight;
    if (left < 0) return *recipe;
  }
  return *fitting.front();
}

std::vector<std::string> cook(const Recipe& recipe, Dice& dice, const ScriptOptions& options) {
  const std::size_t one = dice.below(options.clusters.size());
  const std::size_t other =
      (one + 1 + dice.below(options.clusters.size() - 1)) % options.clusters.size();
  std::vector<std::string> words;
  std::istringstream text(recipe.words);
  for (std::string word; text >> word;) {
    if (word == "$C") word = options.clusters[one];
    if (word == "$D") word = options.clusters[other];
    if (word == "$S") word = dice.number(options.tidb_servers);
    if (word == "$N") word = dice.number(options.ticdc_nodes);
    if (word == "$T") word = std::to_string(50 + dice.below(1950)) + "ms";
    if (word == "$O") word = "chaos_" + dice.number(6);
    words.push_back(word);
  }
  return words;
}

/// The parts of one cluster suffer from one fault at a time, and there is one daemon.
bool collide(const Act& one, const Act& other) {
  if (one.actor != other.actor) return false;
  if (one.actor == Actor::daemon) return true;
  return one.actor == Actor::lab && one.words.at(1) == other.words.at(1);
}

/// What people do: more often than anything fails.
void add_persons(std::vector<Act>& script, Dice& dice, const ScriptOptions& options) {
  for (Millis at = dice.between(100, 900); at < options.duration; at += dice.between(200, 1500)) {
    const Recipe& recipe = choose(dice, true);
    script.push_back({at, recipe.actor, cook(recipe, dice, options), Millis{0}});
  }
}

/// What fails: two things at once, and now and then a third.
void add_mishaps(std::vector<Act>& script, Dice& dice, const ScriptOptions& options) {
  std::vector<Act> standing;
  for (Millis at = dice.between(500, 1500); at < options.duration; at += dice.between(300, 1900)) {
    const Recipe& recipe = choose(dice, false);
    Act act{at, recipe.actor, cook(recipe, dice, options), Millis{0}};
    if (recipe.most_ms > 0) act.lasts = dice.between(recipe.least_ms, recipe.most_ms);
    act.lasts = std::min(act.lasts, options.duration - at);
    std::erase_if(standing, [at](const Act& one) { return one.at + one.lasts <= at; });
    const bool collides =
        std::ranges::any_of(standing, [&](const Act& one) { return collide(one, act); });
    if (collides || standing.size() >= 2 + dice.below(2)) continue;
    if (act.lasts.count() > 0) standing.push_back(act);
    script.push_back(std::move(act));
  }
}

}  // namespace

std::string_view to_string(Actor actor) {
  switch (actor) {
    case Actor::person:
      return "person";
    case Actor::daemon:
      return "daemon";
    case Actor::lab:
      return "lab";
  }
  return "?";
}

std::vector<Act> make_script(const ScriptOptions& options) {
  Dice dice(options.seed);
  std::vector<Act> script;
  add_persons(script, dice, options);
  add_mishaps(script, dice, options);
  std::ranges::stable_sort(script, {}, &Act::at);
  return script;
}

std::string describe(const Act& act) {
  std::string text(to_string(act.actor));
  for (const std::string& word : act.words) text += " " + word;
  if (act.lasts.count() > 0) text += " (for " + std::to_string(act.lasts.count()) + " ms)";
  return text;
}

}  // namespace bdrmesh::chaos
