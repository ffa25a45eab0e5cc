# The program's own sine, exponential and so on, for dne and for the MuJoCo engine alike: the
# functions of musl's static library, which compute the same bits on every processor. The C library's
# choose their code by processor, and the last bit with it. docs/reproducibility.md.
#   dne_math          a static library that every program links whole and exports, so that the
#                     engine's shared library finds these functions first
#   dne_math_preload  the same as a shared library, to be preloaded into other programs: the oracle
#   DNE_MATH          its name and version: "musl 1.2.3"
if(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  set(musl "/usr/lib/x86_64-linux-musl/libc.a")
  set(musl_help "Install it (Debian: musl-dev)")
  set(linker_emulation elf_x86_64)
else()
  set(musl "${CMAKE_SOURCE_DIR}/build/deps/musl-1.2.3-${CMAKE_SYSTEM_PROCESSOR}/libc.a")
  set(musl_help "Run scripts/fetch_musl.sh")
  set(linker_emulation ${CMAKE_SYSTEM_PROCESSOR}linux)
endif()
set(DNE_MUSL_LIBC "${musl}" CACHE FILEPATH
    "Static C library of musl, of which the mathematical functions are taken")
if(NOT EXISTS "${DNE_MUSL_LIBC}")
  message(FATAL_ERROR "${DNE_MUSL_LIBC} is missing.\n${musl_help}, or name another one: "
                      "-DDNE_MUSL_LIBC=/path/to/libc.a.")
endif()
file(STRINGS "${DNE_MUSL_LIBC}" musl_version REGEX "^1\\.[0-9]+\\.[0-9]+$" LIMIT_COUNT 1)
set(DNE_MATH "musl ${musl_version}")

# What the engine imports and what dne calls. Functions whose results IEEE 754 fixes (square roots,
# fused multiply-adds, rounding) may come from anywhere; tests/cli/math_test.cc finds any others.
set(math_functions acos asin atan2 atan2f atanf cbrt cos cosf erfc exp log log10f pow powf sin sincos
                   sincosf sinf tan)
list(TRANSFORM math_functions PREPEND "--undefined=" OUTPUT_VARIABLE needed)
list(TRANSFORM math_functions PREPEND "--keep-global-symbol=" OUTPUT_VARIABLE kept)
list(TRANSFORM math_functions PREPEND "LINKER:--export-dynamic-symbol=" OUTPUT_VARIABLE exported)

# One object of these functions and what they call, all else hidden. The stack protector's alarm is
# left to the C library of the process. LLVM's linker must be told what it makes.
set(musl_archive "${CMAKE_BINARY_DIR}/musl.a")
set(math_object "${CMAKE_BINARY_DIR}/dne_math.o")
add_custom_command(OUTPUT "${math_object}" DEPENDS "${DNE_MUSL_LIBC}"
                   COMMAND "${CMAKE_COMMAND}" -E copy "${DNE_MUSL_LIBC}" "${musl_archive}"
                   COMMAND "${CMAKE_AR}" d "${musl_archive}" __stack_chk_fail.lo
                   COMMAND "${CMAKE_LINKER}" -m ${linker_emulation} -r ${needed}
                           -o "${math_object}" "${musl_archive}"
                   COMMAND "${CMAKE_OBJCOPY}" ${kept} "${math_object}"
                   BYPRODUCTS "${musl_archive}" COMMENT "Taking ${DNE_MATH}'s functions" VERBATIM)
set_source_files_properties("${math_object}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)

add_library(dne_math STATIC "${math_object}")
add_library(dne_math_preload SHARED EXCLUDE_FROM_ALL "${math_object}")
set_target_properties(dne_math dne_math_preload PROPERTIES LINKER_LANGUAGE C)
# One of the names takes the one object out of the archive. Shared libraries export nothing: calls
# within them would then find what the process brought.
target_link_options(dne_math INTERFACE LINKER:--undefined=sin
                    "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:${exported}>")
