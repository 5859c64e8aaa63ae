# cog_unit(name ${CMAKE_CURRENT_SOURCE_DIR}/unit/value/test_name.c), cog_fuzz(name)
cog_unit(ir ${CMAKE_CURRENT_SOURCE_DIR}/unit/value/test_ir.c)
cog_unit(lift_x86 ${CMAKE_CURRENT_SOURCE_DIR}/unit/value/test_lift_x86.c)
cog_fuzz(lift_x86)
