#include "flows/stop/certificate_step.h"

#include "verify/certificate.h"
#include "verify/certificate_book.h"

namespace bdrmesh::flows {
namespace {

constexpr const char* kType = "issue_certificate";
constexpr const char* kFormat = "bdrmesh certificate 1";

}  // namespace

PlannedStep issue_certificate(const Json& subject, const std::vector<std::string>& facts,
                              const std::string& name) {
  PlannedStep step;
  step.type = kType;
  step.args = {{"subject", subject}, {"facts", facts}};
  if (!name.empty()) step.args["name"] = name;
  return step;
}

Plan with_plan_digest(Plan plan) {
  Json about;
  for (PlannedStage& stage : plan.stages) {
    for (PlannedStep& step : stage.steps) {
      if (step.type != kType) continue;
      if (about.is_null()) {
        about = {{"kind", plan.kind},
                 {"title", plan.title},
                 {"sha256", verify::sha256_hex(to_json(plan).dump(
                                -1, ' ', false, Json::error_handler_t::replace))}};
      }
      step.args["plan"] = about;
    }
  }
  return plan;
}

std::string IssueCertificate::id(const StepContext& ctx) const {
  const auto name = get_or<std::string>(args_, "name", "");
  return name.empty() ? ctx.operation() : ctx.operation() + "-" + name;
}

Verdict IssueCertificate::verify(StepContext& ctx) {
  return ctx.fact("certificate", id(ctx)) ? holds() : not_yet("the certificate");
}

Json IssueCertificate::evidence(const StepContext& ctx, Json& missing) const {
  Json all = Json::object();
  for (const auto& name : get_required<std::vector<std::string>>(args_, "facts")) {
    Json values = Json::object();
    for (const Fact& fact : ctx.facts(name)) values[fact.scope] = fact.value;
    if (values.empty()) missing.push_back(name);
    // One fact of the whole operation needs no scope.
    all[name] = values.size() == 1 && values.contains("") ? Json(values.at("")) : values;
  }
  return all;
}

void IssueCertificate::execute(StepContext& ctx) {
  const Json proof = ctx.fact("proof", "").value_or(Json::object());
  Json missing = Json::array();
  const Json evidence = this->evidence(ctx, missing);
  const ManagerIdentity& manager = ports_.tokens.identity();
  const Json certificate = verify::sealed(
      {{"format", kFormat},
       {"id", id(ctx)},
       {"operation", ctx.operation()},
       {"issued_at", to_rfc3339(ctx.now())},
       {"manager", {{"id", manager.id}, {"epoch", manager.epoch}}},
       {"plan", get_or(args_, "plan", Json())},
       {"subject", get_required<Json>(args_, "subject")},
       {"proof", get_or(proof, "holds", true)},
       {"verdict", get_or<std::string>(proof, "verdict", "proven")},
       {"statement", get_or<std::string>(proof, "statement", "the operation reached its end")},
       {"not_proven", get_or(proof, "not_proven", Json::array())},
       {"evidence", evidence},
       {"not_recorded", missing}});
  if (ports_.certificates != nullptr) ports_.certificates->put(id(ctx), certificate, ctx.now());
  const std::string digest = certificate.at("digest").get<std::string>();
  ctx.set_fact({"certificate",
                id(ctx),
                FactLife::durable,
                {{"id", id(ctx)}, {"proof", certificate.at("proof")}, {"digest", digest}}});
  const bool proof_holds = certificate.at("proof").get<bool>();
  ctx.event(proof_holds ? "info" : "warning",
            std::string("certificate ") + id(ctx) +
                (proof_holds ? " issued" : " issued, but not as a proof") + ", sha256 " + digest +
                ": bdrmesh certificate show " + id(ctx));
}

}  // namespace bdrmesh::flows
