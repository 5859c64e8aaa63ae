cog_unit(report_escape ${CMAKE_CURRENT_SOURCE_DIR}/unit/report/test_escape.c)
cog_unit(report_records ${CMAKE_CURRENT_SOURCE_DIR}/unit/report/test_records.c)
cog_unit(report_yara ${CMAKE_CURRENT_SOURCE_DIR}/unit/report/test_yara.c)
