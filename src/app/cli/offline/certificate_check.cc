#include "app/cli/offline/certificate_check.h"

#include "app/cli/render/render_text.h"
#include "app/cli/render/text_table.h"
#include "verify/certificate.h"

namespace bdrmesh {
namespace {

constexpr std::size_t kMostShown = 40;

void field(std::string& out, const std::string& name, const std::string& value) {
  out += "  " + name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') + value + "\n";
}

std::string whether_proof(const Json& certificate) {
  return is_true(certificate, "proof") ? "yes" : "NO: it says what was found, and proves nothing";
}

std::string shown_evidence(const Json& evidence) {
  std::string out;
  for (const auto& [name, value] : evidence.items()) {
    if (!value.is_object()) {
      out += "  " + name + "  " + clipped(evidence_value(value), 200) + "\n";
      continue;
    }
    out += "  " + name + "\n";
    for (const auto& [scope, one] : value.items())
      out += "    " + scope + std::string(scope.size() < 18 ? 18 - scope.size() : 1, ' ') +
             clipped(evidence_value(one), 200) + "\n";
  }
  return out;
}

std::string shown_list(const std::string& title, const Json& list) {
  if (list.empty()) return {};
  std::string out = "\n" + title + ":\n";
  std::size_t shown = 0;
  for (const Json& one : list) {
    if (++shown > kMostShown)
      return out + "  … and " + std::to_string(list.size() - kMostShown) + " more: -o json\n";
    out += "  " + value_text(one) + "\n";
  }
  return out;
}

std::vector<verify::CertificateFault> faults_of(const std::string& text, const Json& certificate,
                                                const std::string& digest) {
  auto faults = verify::certificate_faults(text);
  const std::string own = text_of(certificate, "digest");
  if (faults.empty() && !digest.empty() && own != digest)
    faults.push_back({"digest", "it is whole, but another one: its SHA-256 is " + own});
  return faults;
}

ExitCode code_of(const Json& certificate) {
  if (is_true(certificate, "proof")) return ExitCode::done;
  return text_of(certificate, "verdict") == "differences" ? ExitCode::differences
                                                          : ExitCode::incomplete;
}

}  // namespace

std::string render_certificate(const Json& certificate) {
  std::string out;
  field(out, "certificate", text_of(certificate, "id"));
  field(out, "issued", text_of(certificate, "issued_at"));
  field(out, "about",
        text_of(part_of(certificate, "plan"), "title") + ": " +
            evidence_value(part_of(certificate, "subject")));
  field(out, "proof", whether_proof(certificate));
  field(out, "verdict", text_of(certificate, "verdict"));
  field(out, "says", text_of(certificate, "statement"));
  field(out, "sha256", text_of(certificate, "digest"));
  out += shown_list("not proven", list_of(certificate, "not_proven"));
  out += shown_list("not recorded", list_of(certificate, "not_recorded"));
  out += "\nevidence:\n" + shown_evidence(part_of(certificate, "evidence"));
  return out;
}

std::string render_certificates(const Json& answer) {
  TextTable table({"CERTIFICATE", "ISSUED", "KIND", "PROOF", "VERDICT", "NOT PROVEN", "SHA256"});
  for (const Json& one : list_of(answer, "certificates")) {
    table.row({text_of(one, "id"), text_of(one, "issued_at"), text_of(one, "kind"),
               is_true(one, "proof") ? "yes" : "NO", text_of(one, "verdict"),
               text_of(one, "not_proven"), text_of(one, "digest").substr(0, 16)});
  }
  return table.empty() ? "no certificates yet: bdrmesh group stop GROUP --open all leaves one\n"
                       : table.text();
}

ExitCode check_certificate(const std::string& text, const std::string& digest, OutputForm form,
                           Terminal& terminal) {
  const Json certificate = Json::parse(text, nullptr, false);
  const auto faults = faults_of(text, certificate, digest);
  if (form == OutputForm::json) {
    Json list = Json::array();
    for (const auto& fault : faults) list.push_back({{"part", fault.part}, {"why", fault.why}});
    Json answer{{"as_issued", faults.empty()}, {"faults", list}};
    for (const char* key : {"id", "digest", "proof", "verdict"})
      answer[key] = faults.empty() ? certificate.at(key) : Json();
    terminal.data(answer.dump(2) + "\n");
  } else if (faults.empty()) {
    terminal.data("as it was issued\n" + printable(render_certificate(certificate)));
  } else {
    std::string out = "NOT as it was issued: do not rely on it\n";
    for (const auto& fault : faults) out += "  " + fault.part + ": " + fault.why + "\n";
    terminal.data(printable(out) +
                  "the original, if this manager issued it: bdrmesh certificate list, then "
                  "bdrmesh certificate show ID --out FILE\n");
  }
  return faults.empty() ? code_of(certificate) : ExitCode::needs_attention;
}

}  // namespace bdrmesh
