# The Arcade Learning Environment as the static library `dne_ale`, built from the release that
# scripts/fetch_ale.sh unpacks. Our own target rather than ALE's project: that one sets global
# options and takes its flags from the build type. GPL-2.0-only, as is every binary linked to it.
set(DNE_ALE_DIR "${CMAKE_SOURCE_DIR}/build/deps/ale-0.12.1" CACHE PATH
    "Unpacked source release of ale-py 0.12.1")
if(NOT EXISTS "${DNE_ALE_DIR}/.complete")
  message(FATAL_ERROR "DNE_ATARI is ON but the ALE sources are not in ${DNE_ALE_DIR}.\n"
                      "Run scripts/fetch_ale.sh, or configure with -DDNE_ATARI=OFF.")
endif()
find_package(ZLIB)
if(NOT ZLIB_FOUND)
  message(FATAL_ERROR "DNE_ATARI is ON but zlib is missing.\n"
                      "Install it (Debian: zlib1g-dev), or configure with -DDNE_ATARI=OFF.")
endif()

set(ale_source "${DNE_ALE_DIR}/src/ale")
set(DNE_ALE_ROM_DIR "${ale_source}/python/roms" CACHE PATH "Folder of the games' .bin files")
file(STRINGS "${DNE_ALE_DIR}/version.txt" ALE_VERSION LIMIT_COUNT 1)
set(ALE_VERSION_GIT_SHA release)
configure_file("${ale_source}/version.hpp.in" "${CMAKE_BINARY_DIR}/ale/version.hpp")

# The release is pinned, so the globs always give the same files.
file(GLOB ale_files ${ale_source}/ale_interface.cpp ${ale_source}/common/*.cpp
     ${ale_source}/common/*.cxx ${ale_source}/emucore/*.cxx ${ale_source}/environment/*.cpp
     ${ale_source}/games/*.cpp ${ale_source}/games/supported/*.cpp)
list(REMOVE_ITEM ale_files ${ale_source}/environment/phosphor_blend.cpp)
set(one_by_one ${ale_files})
list(FILTER one_by_one INCLUDE REGEX "/emucore/")
set_source_files_properties(${one_by_one} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
if(NOT DNE_EMULATOR MATCHES "^(dne|ale)$")
  message(FATAL_ERROR "DNE_EMULATOR is ${DNE_EMULATOR}: set it to dne or ale.")
endif()

# The chips that cost most, dne's own: the same bits in less time. Their headers are found before
# ALE's.
set(console "${CMAKE_SOURCE_DIR}/dne/envs/atari/console")
add_library(dne_console OBJECT EXCLUDE_FROM_ALL ${console}/beam.cc ${console}/beam_draw.cc
            ${console}/m6502.cc ${console}/scan_line.cc ${console}/tia.cc)
target_include_directories(dne_console BEFORE PRIVATE ${console})
target_include_directories(dne_console SYSTEM PRIVATE "${DNE_ALE_DIR}/src" "${CMAKE_BINARY_DIR}/ale")
target_link_libraries(dne_console PRIVATE dne_flags)
target_compile_options(dne_console PRIVATE -O3)

# dne_add_ale(NAME EMULATOR): the library, with dne's chips or with ALE's.
function(dne_add_ale name emulator)
  set(files ${ale_files})
  if(emulator STREQUAL dne)
    list(REMOVE_ITEM files ${ale_source}/emucore/TIA.cxx ${ale_source}/emucore/M6502Low.cxx)
    list(APPEND files $<TARGET_OBJECTS:dne_console>)
  endif()
  add_library(${name} STATIC EXCLUDE_FROM_ALL ${files}
              ${CMAKE_SOURCE_DIR}/dne/envs/atari/no_phosphor.cc)
  # A hundred games read the same headers for a few lines each: many a compilation take a tenth of the
  # time. Headers of the chips do not allow it.
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 60)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  if(emulator STREQUAL dne)
    target_include_directories(${name} BEFORE PUBLIC ${console})
  endif()
  target_include_directories(${name} SYSTEM PUBLIC "${DNE_ALE_DIR}/src" "${CMAKE_BINARY_DIR}/ale")
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE ZLIB::ZLIB Threads::Threads)
  # Optimised in every build, since tests play whole games; its asserts, warnings and undefined
  # shifts are its own affair.
  target_compile_options(${name} PRIVATE -O3 -w -ffp-contract=off -fno-sanitize=undefined)
  target_compile_definitions(${name} PRIVATE NDEBUG)
endfunction()
dne_add_ale(dne_ale ${DNE_EMULATOR})
dne_add_ale(dne_ale_original ale)  # for the test that compares the two
