target_sources(cognate_objects PRIVATE
  src/code/code.c
  src/code/decode_fast.c
  src/code/decode_x86.c
  src/code/discover.c
  src/code/discover_data.c
  src/code/discover_declared.c
  src/code/discover_flow.c
  src/code/discover_gap.c
  src/code/discover_go.c
  src/code/discover_table.c
  src/code/discover_tail.c
  src/code/graph.c
  src/code/loops.c
  src/code/no_return.c
  src/code/plausible.c
)
