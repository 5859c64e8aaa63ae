add_executable(cognate_app)
set_target_properties(cognate_app PROPERTIES OUTPUT_NAME cognate)
target_sources(cognate_app PRIVATE
  src/app/main.c
)
target_include_directories(cognate_app PRIVATE src) # for src/app only; the layer test keeps it to that
target_link_libraries(cognate_app PRIVATE cognate_static)
install(TARGETS cognate_app RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
