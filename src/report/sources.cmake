target_sources(cognate_objects PRIVATE
  src/report/escape.c
  src/report/json.c
  src/report/json_features.c
  src/report/json_match.c
  src/report/json_routine.c
  src/report/json_verdict.c
  src/report/export.c
  src/report/export_list.c
  src/report/export_misp.c
  src/report/export_stix.c
  src/report/export_stix_pairs.c
  src/report/export_reasoning.c
  src/report/export_verdict.c
  src/report/export_verdict_stix.c
  src/report/html.c
  src/report/html_card.c
  src/report/html_graph.c
  src/report/html_matrix.c
  src/report/html_report.c
  src/report/html_svg.c
  src/report/html_time.c
  src/report/html_tree.c
  src/report/html_verdict.c
  src/report/know.c
  src/report/link.c
  src/report/number.c
  src/report/shared.c
  src/report/page.c
  src/report/side_by_side.c
  src/report/text_features.c
  src/report/text_lists.c
  src/report/text_match.c
  src/report/text_verdict.c
  src/report/tree.c
  src/report/words.c
  src/report/yara_draft.c
  src/report/yara_pick.c
  src/report/yara_scan.c
  src/report/yara_write.c
)

# The page's style stands in its program: html.css as bytes in html_style.inc.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS src/report/html.css)
file(READ src/report/html.css style HEX)
string(REGEX REPLACE "(..)" "0x\\1," style "${style}")
file(CONFIGURE OUTPUT generated/html_style.inc @ONLY CONTENT "static const unsigned char HTML_STYLE[] = {@style@};\n")
target_include_directories(cognate_objects PRIVATE ${CMAKE_BINARY_DIR}/generated)
