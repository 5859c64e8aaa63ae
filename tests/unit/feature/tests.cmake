# One list per helper: code and packs here, strings, traits and indicators in tests_text.cmake.
include(unit/feature/tests_code.cmake)
include(unit/feature/tests_text.cmake)
