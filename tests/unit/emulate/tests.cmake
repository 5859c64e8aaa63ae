# cog_unit(name ${CMAKE_CURRENT_SOURCE_DIR}/unit/emulate/test_name.c), cog_fuzz(name)
cog_unit(memory ${CMAKE_CURRENT_SOURCE_DIR}/unit/emulate/test_memory.c)
cog_unit(machine ${CMAKE_CURRENT_SOURCE_DIR}/unit/emulate/test_machine.c)
cog_fuzz(machine)
