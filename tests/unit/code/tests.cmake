# cog_unit(name ${CMAKE_CURRENT_SOURCE_DIR}/unit/code/test_name.c), cog_fuzz(name)
add_executable(dump_functions ${CMAKE_CURRENT_SOURCE_DIR}/unit/code/dump_functions.c)
target_include_directories(dump_functions PRIVATE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(dump_functions PRIVATE cognate_static)
