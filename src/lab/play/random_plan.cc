#include "lab/play/random_plan.h"

#include <algorithm>
#include <iterator>

namespace bdrmesh::lab::play {
namespace {

using fault::Names;
using fault::Words;

/// The dice: everything random comes from one seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  Millis between(Millis least, Millis most) {
    const auto span = static_cast<std::size_t>(std::max<std::int64_t>(1, (most - least).count()));
    return least + Millis{static_cast<std::int64_t>(below(span))};
  }
  const std::string& one_of(const std::vector<std::string>& all) { return all[below(all.size())]; }
  std::string number(std::size_t most) { return std::to_string(1 + below(most)); }

 private:
  std::mt19937_64 random_;
};

/// One kind of mishap; `$C` and `$D` stand for two clusters, `$S` for a tidb-server, `$N` for a
/// TiCDC node, `$T` for a time of up to two seconds.
struct Recipe {
  const char* words;
  int weight;
  bool lasts;
  bool loses_rows = false;
};

constexpr Recipe kRecipes[] = {
    {"kill $C tidb-server $S", 10, true},
    {"suspend $C tidb-server $S", 8, true},
    {"kill $C ticdc $N", 10, true},
    {"suspend $C ticdc $N", 6, true},
    {"kill $C mariadb", 4, true},
    {"suspend $C mariadb", 3, true},
    {"kill $C pd", 3, true},
    {"suspend $C pd", 3, true},
    {"kill $C region", 3, true},
    {"suspend $C region", 2, true},
    {"move-owner $C", 4, false},
    {"freeze-feed $C $D", 8, true},
    {"delay-feed $C $D $T", 8, true},
    {"duplicate-row $C $D", 8, false},
    {"pause-feed $C $D", 5, true},
    {"drift-sink $C $D $S", 3, false},
    {"lose-answer $C tidb COMMIT", 6, false},
    {"lose-answer $C ticdc /changefeeds", 3, false},
    {"slow-sysvar $C $S $T", 3, true},
    {"slow-ddl $C $T", 3, true},
    {"close-gate $C", 4, true},
    {"clock-offset $C $T", 3, true},
    {"drop-row $C $D", 4, false, true},
    {"conflicting-writes $C $D", 4, false, true},
};

const Recipe& choose(Dice& dice, bool may_lose_rows) {
  int all = 0;
  for (const Recipe& recipe : kRecipes) {
    if (may_lose_rows || !recipe.loses_rows) all += recipe.weight;
  }
  int left = static_cast<int>(dice.below(static_cast<std::size_t>(all)));
  for (const Recipe& recipe : kRecipes) {
    if (!may_lose_rows && recipe.loses_rows) continue;
    left -= recipe.weight;
    if (left < 0) return recipe;
  }
  return kRecipes[0];
}

Words cook(const Recipe& recipe, Dice& dice, const Names& names) {
  const std::string one = dice.one_of(names.clusters);
  std::string other = one;
  while (other == one && names.clusters.size() > 1) other = dice.one_of(names.clusters);
  Words words = fault::split_words(recipe.words);
  for (std::string& word : words) {
    if (word == "$C") word = one;
    if (word == "$D") word = other;
    if (word == "$S") word = dice.number(names.tidb_servers);
    if (word == "$N") word = dice.number(names.ticdc_nodes);
    if (word == "$T") word = std::to_string(50 + dice.below(1950)) + "ms";
  }
  return words;
}

/// Whether two mishaps must not be in force together: both hit parts of one cluster.
bool collide(const Words& one, const Words& other) { return one.at(1) == other.at(1); }

}  // namespace

std::vector<Mishap> random_plan(const RandomOptions& options, const fault::Names& names) {
  Dice dice(options.seed);
  std::vector<Mishap> plan;
  std::vector<Mishap> standing;
  for (Millis at{0};;) {
    at += dice.between(options.between / 2, options.between * 3 / 2);
    const Recipe& recipe = choose(dice, options.may_lose_rows);
    Mishap mishap{at, cook(recipe, dice, names), Millis{0}};
    if (recipe.lasts) mishap.lasts = dice.between(Millis{500}, options.longest);
    if (at >= options.duration) return plan;
    mishap.lasts = std::min(mishap.lasts, options.duration - at);
    std::erase_if(standing, [at](const Mishap& one) { return one.at + one.lasts <= at; });
    const bool collides = std::ranges::any_of(
        standing, [&](const Mishap& one) { return collide(one.words, mishap.words); });
    if (collides || standing.size() >= 2) continue;
    if (recipe.lasts) standing.push_back(mishap);
    plan.push_back(std::move(mishap));
  }
}

}  // namespace bdrmesh::lab::play
