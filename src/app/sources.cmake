add_executable(cognate_app)
set_target_properties(cognate_app PROPERTIES OUTPUT_NAME cognate)
target_sources(cognate_app PRIVATE
  src/app/cmd_attribute.c
  src/app/cmd_compare.c
  src/app/cmd_completion.c
  src/app/cmd_export.c
  src/app/cmd_export_yara.c
  src/app/cmd_import.c
  src/app/cmd_learn.c
  src/app/cmd_search.c
  src/app/cmd_show.c
  src/app/cmd_store.c
  src/app/cmd_link.c
  src/app/help.c
  src/app/inputs.c
  src/app/label.c
  src/app/main.c
  src/app/options.c
  src/app/pool.c
  src/app/pool_main.c
  src/app/sandbox.c
  src/app/screen.c
  src/app/table.c
  src/app/walk.c
  src/app/worker.c
)
target_include_directories(cognate_app PRIVATE src) # for src/app only; the layer test keeps it to that
target_link_libraries(cognate_app PRIVATE cognate_static)
target_link_options(cognate_app PRIVATE ${COG_WHOLE_LINK})
install(TARGETS cognate_app RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
