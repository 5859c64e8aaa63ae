# Sources of the layer "value", by name.
target_sources(cognate_objects PRIVATE
  src/value/abi.c
  src/value/address.c
  src/value/body.c
  src/value/build.c
  src/value/fold.c
  src/value/gene.c
  src/value/graph.c
  src/value/idiom.c
  src/value/ir.c
  src/value/ir_eval.c
  src/value/ir_eval_packed.c
  src/value/lift.c
  src/value/lift_arm.c
  src/value/lift_arm_control.c
  src/value/lift_arm_data.c
  src/value/lift_arm_media.c
  src/value/lift_arm_memory.c
  src/value/lift_arm_multiply.c
  src/value/lift_arm_neon.c
  src/value/lift_arm_neon_wide.c
  src/value/lift_arm_shuffle.c
  src/value/lift_arm_vfp.c
  src/value/lift_x86.c
  src/value/lift_x86_arith.c
  src/value/lift_x86_control.c
  src/value/lift_x86_move.c
  src/value/lift_x86_shift.c
  src/value/lift_x86_float.c
  src/value/lift_x86_vector.c
<<<<<<< HEAD
  src/value/lift_x86_vector_float.c
  src/value/lift_x86_vector_lanes.c
  src/value/lift_x86_vector_move.c
  src/value/lift_x86_vector_shuffle.c
  src/value/lift_x86_vector_table.c
=======
  src/value/memory.c
  src/value/show.c
  src/value/stack.c
  src/value/summary.c
  src/value/values.c
>>>>>>> cc7a23d (value: values of a function, simplified, and genes made of them)
)
