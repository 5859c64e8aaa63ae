# Sources of the layer "value", by name.
target_sources(cognate_objects PRIVATE
  src/value/ir.c
  src/value/ir_eval.c
  src/value/ir_eval_packed.c
)
