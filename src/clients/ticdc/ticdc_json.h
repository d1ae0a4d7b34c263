// Readers of TiCDC's open API v2 answers, classic and new (ticdc-api §1.3, §1.5). Tolerate absent
// members, refuse numbers that are no unsigned 64-bit integers. Texts of feeds are masked. Pure;
// every failure is Error invalid `TICDC_BAD_ANSWER`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clients/ticdc_client.h"

namespace bdrmesh {

std::vector<FeedSummary> read_feed_list(std::string_view body);
FeedDetail read_feed_detail(std::string_view body);
FeedStatus read_feed_status(std::string_view body);
TicdcServer read_ticdc_server(std::string_view body);
EligibleTables read_eligible_tables(std::string_view body);
Tso read_ticdc_tso(std::string_view body);
TicdcTraits read_ticdc_traits(std::string_view body);

/// What an answer that is no success says; any text, also none, is understood.
struct TicdcFailure {
  std::string code;     ///< TiCDC's own, may be empty
  std::string message;  ///< values masked, at most some 600 characters
};
TicdcFailure read_ticdc_failure(std::string_view body);

}  // namespace bdrmesh
