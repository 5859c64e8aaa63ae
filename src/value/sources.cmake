# Sources of the layer "value", by name.
target_sources(cognate_objects PRIVATE
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
  src/value/lift_x86_vector.c
)
