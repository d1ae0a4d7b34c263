#include "app/cli/offline/state_file.h"

#include "app/cli/render/text_table.h"
#include "store/state_file.h"

namespace bdrmesh {
namespace {

Json as_json(const StateFileReport& report) {
  return {{"file", report.path},
          {"bytes", report.bytes},
          {"epoch", report.epoch},
          {"holder", report.holder},
          {"opened", report.opened},
          {"operations", report.operations},
          {"unfinished", report.unfinished},
          {"events", report.events},
          {"pending_migrations", report.pending_migrations},
          {"damage", report.damage}};
}

std::string as_text(const StateFileReport& report) {
  std::string text = report.path + ": " + std::to_string(report.bytes / 1024) + " KiB, epoch " +
                     std::to_string(report.epoch);
  if (!report.holder.empty()) text += ", last opened by " + report.holder + " at " + report.opened;
  text += "\n" + std::to_string(report.operations) + " operations, " +
          std::to_string(report.unfinished.size()) + " of them unfinished, " +
          std::to_string(report.events) + " events\n";
  for (const std::string& id : report.unfinished) text += "unfinished: " + id + "\n";
  for (const std::string& name : report.pending_migrations)
    text += "the next daemon applies " + name + "\n";
  for (const std::string& damage : report.damage) text += "DAMAGED: " + damage + "\n";
  if (!report.damage.empty())
    text += "stop the daemon, keep this file, and put back the newest backup\n";
  return printable(text);
}

ExitCode print(const StateFileReport& report, OutputForm form, Terminal& terminal) {
  terminal.data(form == OutputForm::json ? as_json(report).dump(2) + "\n" : as_text(report));
  return report.damage.empty() ? ExitCode::done : ExitCode::needs_attention;
}

}  // namespace

ExitCode check_state(const std::string& path, OutputForm form, Terminal& terminal) {
  return print(check_state_file(path), form, terminal);
}

ExitCode back_up_state(const std::string& path, const std::string& copy, OutputForm form,
                       Terminal& terminal) {
  return print(back_up_state_file(path, copy), form, terminal);
}

ExitCode compact_state(const std::string& path, Millis older_than, const Clock& clock,
                       OutputForm form, Terminal& terminal) {
  const WallTime now = clock.now();
  const CompactReport report = compact_state_file(path, now - older_than, now);
  const DroppedDetails& dropped = report.dropped;
  if (form == OutputForm::json) {
    terminal.data(Json{{"file", report.path},
                       {"bytes_before", report.bytes_before},
                       {"bytes_after", report.bytes_after},
                       {"before", to_rfc3339(now - older_than)},
                       {"operations", dropped.operations},
                       {"events", dropped.events},
                       {"calls", dropped.calls}}
                      .dump(2) +
                  "\n");
    return ExitCode::done;
  }
  terminal.data(printable(report.path + ": " + std::to_string(report.bytes_before / 1024) +
                          " KiB, now " + std::to_string(report.bytes_after / 1024) +
                          " KiB\ndropped what " + std::to_string(dropped.operations) +
                          " operations did that ended before " + to_rfc3339(now - older_than) +
                          ": " + std::to_string(dropped.events) + " events, " +
                          std::to_string(dropped.calls) + " calls\n"));
  return ExitCode::done;
}

}  // namespace bdrmesh
