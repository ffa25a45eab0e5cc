# One static library a module, one test executable a module.
find_package(Threads REQUIRED)

add_library(dne_flags INTERFACE)
target_compile_features(dne_flags INTERFACE cxx_std_20)
target_include_directories(dne_flags INTERFACE ${CMAKE_SOURCE_DIR})
# Results are the same bits on every machine: a*b+c is fused only where the code says so.
# Fields left out of designated initialisers have their defaults: that is what they are for.
set(warnings -Wall -Wextra -Wconversion -Wno-missing-field-initializers
             $<$<BOOL:${DNE_WARNINGS_AS_ERRORS}>:-Werror>)
target_compile_options(dne_flags INTERFACE
                       "$<$<NOT:$<COMPILE_LANGUAGE:CUDA>>:-ffp-contract=off;${warnings}>"
                       "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20;--fmad=false;--expt-relaxed-constexpr>")
target_link_libraries(dne_flags INTERFACE dne_math)

# dne_module(NAME SOURCES a.cc ... [DEPS module ...] [LIBRARIES third-party ...])
# The third-party libraries stay out of the module's headers, so they are linked privately. Kernels are
# optimised in every build as in a user's: what is tested is what runs.
function(dne_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LIBRARIES" ${ARGN})
  add_library(dne_${name} STATIC ${arg_SOURCES})
  set(kernels ${arg_SOURCES})
  list(FILTER kernels INCLUDE REGEX "_simd\\.cc$")
  set_source_files_properties(${kernels} PROPERTIES COMPILE_OPTIONS $<$<NOT:$<CONFIG:Debug>>:-O3>)
  target_link_libraries(dne_${name} PUBLIC dne_flags)
  foreach(dep ${arg_DEPS})
    target_link_libraries(dne_${name} PUBLIC dne_${dep})
  endforeach()
  target_link_libraries(dne_${name} PRIVATE ${arg_LIBRARIES})
endfunction()

# dne_test(MODULE SOURCES a_test.cc ... [DEPS module ...] [LIBRARIES ...] [LABELS ...])
# CTest names read module.Suite.Case.
function(dne_test module)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LIBRARIES;LABELS" ${ARGN})
  add_executable(${module}_test ${arg_SOURCES})
  target_link_libraries(${module}_test PRIVATE dne_${module} dne_parts GTest::gtest_main ${arg_LIBRARIES})
  foreach(dep ${arg_DEPS})
    target_link_libraries(${module}_test PRIVATE dne_${dep})
  endforeach()
  target_precompile_headers(${module}_test REUSE_FROM test_headers)
  target_compile_definitions(${module}_test PRIVATE DNE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  gtest_discover_tests(${module}_test TEST_PREFIX "${module}." DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 600)
endfunction()
