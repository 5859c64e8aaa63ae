# Sources of the layer "emulate", by name.
target_sources(cognate_objects PRIVATE
  src/emulate/machine.c
  src/emulate/machine_block.c
  src/emulate/machine_float.c
  src/emulate/machine_run.c
  src/emulate/machine_string.c
  src/emulate/memory.c
)
