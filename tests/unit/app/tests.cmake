# The app's own pieces are linked in by name: only the program has them.
cog_unit(app_label ${CMAKE_CURRENT_SOURCE_DIR}/unit/app/test_label.c ${CMAKE_SOURCE_DIR}/src/app/label.c)
cog_unit(app_worker ${CMAKE_CURRENT_SOURCE_DIR}/unit/app/test_worker.c ${CMAKE_SOURCE_DIR}/src/app/worker.c
  ${CMAKE_SOURCE_DIR}/src/app/sandbox.c)
cog_unit(cognate ${CMAKE_CURRENT_SOURCE_DIR}/unit/app/test_cognate.c)
