# Sources of the layer "emulate", by name.
target_sources(cognate_objects PRIVATE
  src/emulate/api_names.c
  src/emulate/machine.c
  src/emulate/machine_block.c
  src/emulate/machine_flags.c
    src/emulate/machine_float.c
  src/emulate/machine_run.c
  src/emulate/machine_string.c
  src/emulate/memory.c
  src/emulate/models.c
  src/emulate/models_memory.c
  src/emulate/models_system.c
  src/emulate/models_text.c
  src/emulate/process.c
  src/emulate/process_linux.c
  src/emulate/process_run.c
  src/emulate/process_windows.c
)
# The list of names becomes part of the program as it is.
set_source_files_properties(src/emulate/api_names.c PROPERTIES
  COMPILE_DEFINITIONS "COG_API_NAMES=\"${CMAKE_SOURCE_DIR}/data/api_names.txt\""
  OBJECT_DEPENDS ${CMAKE_SOURCE_DIR}/data/api_names.txt)
