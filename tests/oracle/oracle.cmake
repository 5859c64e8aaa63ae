# SPDX-License-Identifier: Apache-2.0
# The oracle for lifters (oracle.h); needs Unicorn, which is GPL-2: a test program that is not installed.
find_library(UNICORN_LIBRARY unicorn)
find_path(UNICORN_INCLUDE unicorn/unicorn.h)
if(UNICORN_LIBRARY AND UNICORN_INCLUDE)
  add_executable(oracle oracle/oracle.c oracle/unicorn.c oracle/x86.c oracle/arm.c oracle/host.c)
  target_include_directories(oracle PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_include_directories(oracle SYSTEM PRIVATE ${UNICORN_INCLUDE})
  target_link_libraries(oracle PRIVATE cognate_static ${UNICORN_LIBRARY})
else()
  message(STATUS "no Unicorn: lifters are built, but not held against an oracle")
endif()
