# cog_unit(name ${CMAKE_CURRENT_SOURCE_DIR}/unit/value/test_name.c), cog_fuzz(name)
cog_unit(ir ${CMAKE_CURRENT_SOURCE_DIR}/unit/value/test_ir.c)
cog_unit(lift_x86 ${CMAKE_CURRENT_SOURCE_DIR}/unit/value/test_lift_x86.c)
cog_fuzz(lift_x86)
<<<<<<< HEAD
cog_unit(lift_arm ${CMAKE_CURRENT_SOURCE_DIR}/unit/value/test_lift_arm.c)
cog_fuzz(lift_arm)
=======
cog_unit(fold ${CMAKE_CURRENT_SOURCE_DIR}/unit/value/test_fold.c)
cog_unit(gene ${CMAKE_CURRENT_SOURCE_DIR}/unit/value/test_gene.c)
>>>>>>> cc7a23d (value: values of a function, simplified, and genes made of them)
