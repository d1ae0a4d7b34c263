// Faults of answers: late, wrong, half or missing ones, errors instead of answers, and servers that
// hear of variables late.
#include <functional>

#include "lab/fault/fault.h"
#include "lab/http/http_faults.h"
#include "lab/site/lab.h"
#include "lab/site/lab_node.h"

namespace bdrmesh::lab::fault {
namespace {

using site::Lab;

/// Whoever answers for `ticdc` (all nodes) or `pd` of a cluster.
void add_to(Lab& lab, const Arguments& words, const HttpFault& fault) {
  Lab::Node& node = lab.node(words.text("CLUSTER"));
  if (words.text("WHOSE") == "pd") return node.cluster.pd().faults().add(fault);
  for (std::size_t i = 0; i < node.ticdc.size(); ++i) node.ticdc.http_faults(i).add(fault);
}

/// Order a fault of the HTTP answers that the words' MATCH and COUNT select.
Done order(Lab& lab, const Arguments& words, HttpFault fault, const std::string& what) {
  const std::string& cluster = words.text("CLUSTER");
  const std::string& match = words.text("MATCH");
  const bool forever = words.text("COUNT") == "forever";
  fault.part = match == "any" ? "" : match;
  fault.count = forever ? -1 : words.number_or("COUNT", 1);
  add_to(lab, words, fault);
  const std::string requests =
      (forever ? "every request" : "the next " + words.text_or("COUNT", "1") + " requests") +
      " to each " + words.text("WHOSE") + " of " + cluster +
      (fault.part.empty() ? "" : " with '" + fault.part + "'");
  return {"answers " + cluster, requests + ": " + what, forever ? "clear-answers " + cluster : "",
          !forever};
}

Done late_answer(Lab& lab, const Arguments& words) {
  HttpFault fault;
  fault.kind = HttpFault::Kind::late;
  fault.delay = words.time("TIME");
  return order(lab, words, fault, "the answer comes " + words.text("TIME") + " late");
}

Done half_answer(Lab& lab, const Arguments& words) {
  HttpFault fault;
  fault.kind = HttpFault::Kind::half;
  return order(lab, words, fault, "the connection breaks in the middle of the answer");
}

Done no_answer(Lab& lab, const Arguments& words) {
  HttpFault fault;
  fault.kind = HttpFault::Kind::silent;
  return order(lab, words, fault, "it takes effect, and no answer ever comes");
}

Done error_answer(Lab& lab, const Arguments& words) {
  HttpFault fault;
  fault.kind = HttpFault::Kind::refused;
  fault.status = words.number_or("CODE", 500);
  if (fault.status < 400 || fault.status > 599) bad_fault("an error's status is 400 to 599");
  fault.body = "{\"error_msg\": \"made to fail by the lab\", \"error_code\": \"CDC:ErrUnknown\"}";
  return order(lab, words, fault, "nothing happens but the answer " + words.text("CODE"));
}

Done wrong_answer(Lab& lab, const Arguments& words) {
  Lab::Node& other = lab.node(words.text("TO"));
  HttpFault fault;
  fault.kind = HttpFault::Kind::wrong;
  if (words.text("WHOSE") == "pd") {
    fault.elsewhere = [&other](const HttpRequest& request, const std::stop_token&) {
      return other.cluster.pd().answer(request);
    };
  } else {
    fault.elsewhere = [&other](const HttpRequest& request, const std::stop_token& stop) {
      return other.ticdc.answer(0, request, stop);
    };
  }
  return order(lab, words, fault, words.text("TO") + " answers instead");
}

Done lose_answer(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const std::string& whose = words.text("WHOSE");
  const std::string& match = words.text("MATCH");
  if (whose == "tidb") {
    lab.state(cluster).faults.lose_answer_of_next(match);
  } else if (whose == "ticdc") {
    lab.node(cluster).ticdc.lose_answer_of_next(match);
  } else {
    HttpFault fault;
    fault.kind = HttpFault::Kind::lost;
    fault.part = match;
    lab.node(cluster).cluster.pd().faults().add(fault);
  }
  return {"",
          "the next request to " + cluster + "'s " + whose + " that contains '" + match +
              "' takes effect and is not answered",
          "", true};
}

Done clear_answers(Lab& lab, const Arguments& words) {
  Lab::Node& node = lab.node(words.text("CLUSTER"));
  node.cluster.pd().faults().clear();
  for (std::size_t i = 0; i < node.ticdc.size(); ++i) node.ticdc.http_faults(i).clear();
  return {"answers " + words.text("CLUSTER"),
          "TiCDC and PD of " + words.text("CLUSTER") + " answer as they should", "", true};
}

/// What a tidb-server hears late, `never` or, with 0, as soon as it may.
struct Hearing {
  explicit Hearing(const Arguments& words)
      : cluster(words.text("CLUSTER")),
        server(words.text("SERVER")),
        index(static_cast<std::size_t>(std::stoi(server) - 1)) {
    if (words.text("DELAY") != "never") delay = words.time("DELAY");
  }

  Done done(const std::string& fault, const std::string& what) const {
    const bool over = delay == Millis{0};
    const std::string who = "tidb-server " + server + " of " + cluster;
    return {fault + " " + cluster + " " + server,
            delay ? who + " hears of " + what + " " + std::to_string(delay->count()) + " ms late"
                  : who + " never hears of " + what,
            over ? "" : fault + " " + cluster + " " + server + " 0", over};
  }

  std::string cluster;
  std::string server;
  std::size_t index;
  std::optional<Millis> delay;
};

Done slow_sysvar(Lab& lab, const Arguments& words) {
  const Hearing hearing(words);
  lab.state(hearing.cluster).variables.set_delay(hearing.index, hearing.delay);
  return hearing.done("slow-sysvar", "variables set elsewhere");
}

Done slow_grants(Lab& lab, const Arguments& words) {
  const Hearing hearing(words);
  lab.node(hearing.cluster).cluster.set_privilege_delay(hearing.index, hearing.delay);
  return hearing.done("slow-grants", "grants and locks of accounts made elsewhere");
}

}  // namespace

const Family& answer_faults() {
  static const Family family{
      {"lose-answer", "CLUSTER WHOSE:tidb|ticdc|pd MATCH", "the next such request works unheard",
       lose_answer},
      {"no-answer", "CLUSTER WHOSE:ticdc|pd [MATCH COUNT:forever|COUNT]",
       "it works, and the caller waits for ever", no_answer},
      {"late-answer", "CLUSTER WHOSE:ticdc|pd TIME [MATCH COUNT:forever|COUNT]",
       "it works, the answer is late", late_answer},
      {"half-answer", "CLUSTER WHOSE:ticdc|pd [MATCH COUNT:forever|COUNT]",
       "it works, half of the answer comes", half_answer},
      {"error-answer", "CLUSTER WHOSE:ticdc|pd CODE [MATCH COUNT:forever|COUNT]",
       "it fails with this HTTP status", error_answer},
      {"wrong-answer", "CLUSTER WHOSE:ticdc|pd TO [MATCH COUNT:forever|COUNT]",
       "another cluster answers instead", wrong_answer},
      {"clear-answers", "CLUSTER", "ends the five above", clear_answers},
      {"slow-sysvar", "CLUSTER SERVER DELAY:never|TIME", "a tidb-server hears of variables late",
       slow_sysvar},
      {"slow-grants", "CLUSTER SERVER DELAY:never|TIME", "it hears of GRANT and REVOKE late",
       slow_grants},
  };
  return family;
}

}  // namespace bdrmesh::lab::fault
