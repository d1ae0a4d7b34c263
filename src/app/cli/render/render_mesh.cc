// What is wrong with links and groups, in words.
#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"

namespace bdrmesh {

std::string render_findings(const Json& findings) {
  std::string out;
  for (const Json& one : findings) {
    out += text_of(one, "severity") + "  " + text_of(one, "code") + "  " + text_of(one, "object") +
           "\n    " + text_of(one, "text") + "\n";
    if (text_of(one, "remedy") != "-") out += "    → " + text_of(one, "remedy") + "\n";
  }
  return out;
}

std::string render_explanation(const Json& link) {
  std::string out = "link " + text_of(link, "from") + " → " + text_of(link, "to") + " of group " +
                    text_of(link, "group") + " is " + text_of(link, "verdict");
  if (text_of(link, "verdict") != "moving" && text_of(link, "since") != "-")
    out += " since " + text_of(link, "since");
  out += "\n";
  for (const Json& cause : list_of(link, "explanation")) {
    const bool certain = is_true(cause, "certain");
    out += "\n" + std::string(certain ? "" : "perhaps ") + text_of(cause, "area") + ": " +
           text_of(cause, "text") + "\n";
    if (text_of(cause, "remedy") != "-") out += "  → " + text_of(cause, "remedy") + "\n";
  }
  const Json& gc = part_of(link, "gc");
  if (text_of(link, "verdict") != "moving" && gc.is_object() && text_of(gc, "dies_at") != "-") {
    out += "\nhistory: if nothing moves, it may be gone at " + text_of(gc, "dies_at") + "\n";
  }
  return out;
}

}  // namespace bdrmesh
