// `certificate ...`
#include <fstream>

#include "app/cli/command_groups.h"
#include "app/cli/offline/certificate_check.h"
#include "app/cli/offline/read_text.h"
#include "verify/certificate.h"

namespace bdrmesh {
namespace {

/// Never over a file that is there: it may be the only copy of another certificate.
void write_new(const std::string& path, const std::string& text) {
  if (std::ifstream(path))
    throw usage_error(path + " is there already", "give another name with --out");
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) throw Error(ErrorKind::invalid, "FILE_UNWRITABLE", "cannot write " + path);
}

ExitCode show_one(const Invocation& call) {
  return call.with_api([&](const CommandContext& context) {
    const Json certificate = context.api.get("/certificates/" + encoded(call.text("ID")));
    // Byte for byte as it was issued: any other form of it does not verify.
    const std::string text = verify::canonical(certificate) + "\n";
    if (!call.text("--out").empty()) {
      write_new(call.text("--out"), text);
      context.terminal.say("written; check it anywhere with: bdrmesh certificate verify " +
                           call.text("--out"));
    } else if (context.form == OutputForm::json) {
      context.terminal.data(text);
    } else {
      context.terminal.data_for_people(render_certificate(certificate));
    }
    return ExitCode::done;
  });
}

ExitCode check(const Invocation& call) {
  return check_certificate(read_text(call.text("FILE")), call.text("--digest"),
                           call.text("--output") == "json" ? OutputForm::json : OutputForm::table,
                           call.terminal());
}

}  // namespace

Commands certificate_commands() {
  return {{"certificate list",
           "What operations have proven, newest first",
           "bdrmesh certificate list",
           {},
           [](const Invocation& call) { return call.print("/certificates", render_certificates); }},
          {"certificate show",
           "A certificate with its evidence; --out writes it as it was issued",
           "bdrmesh certificate show ID --out stop.json",
           {argument("ID", "the certificate, or its operation", Names::operation).required(),
            option("--out", "the file to be written", Names::file)},
           show_one},
          {"certificate verify",
           "Whether a certificate is as it was issued, and what it proves; offline",
           "bdrmesh certificate verify stop.json",
           {argument("FILE", "the certificate; - for standard input", Names::file).required(),
            option("--digest", "the SHA-256 that was noted when it was issued")},
           check}};
}

}  // namespace bdrmesh
