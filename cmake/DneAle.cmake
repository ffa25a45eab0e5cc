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
set(own_files ${CMAKE_SOURCE_DIR}/dne/envs/atari/no_phosphor.cc)

# The chips that cost most are dne's own: the same bits in less time. Their headers are found before ALE's.
if(DNE_EMULATOR STREQUAL dne)
  set(console "${CMAKE_SOURCE_DIR}/dne/envs/atari/console")
  list(REMOVE_ITEM ale_files ${ale_source}/emucore/TIA.cxx ${ale_source}/emucore/M6502Low.cxx)
  list(APPEND own_files ${console}/beam.cc ${console}/m6502.cc ${console}/scan_line.cc
       ${console}/tia.cc)
elseif(NOT DNE_EMULATOR STREQUAL ale)
  message(FATAL_ERROR "DNE_EMULATOR is ${DNE_EMULATOR}: set it to dne or ale.")
endif()

add_library(dne_ale STATIC EXCLUDE_FROM_ALL ${ale_files} ${own_files})
target_include_directories(dne_ale PRIVATE ${CMAKE_SOURCE_DIR})
if(DNE_EMULATOR STREQUAL dne)
  target_include_directories(dne_ale BEFORE PUBLIC ${console})
endif()
target_include_directories(dne_ale SYSTEM PUBLIC "${DNE_ALE_DIR}/src" "${CMAKE_BINARY_DIR}/ale")
target_compile_features(dne_ale PRIVATE cxx_std_20)
target_link_libraries(dne_ale PRIVATE ZLIB::ZLIB Threads::Threads)
# Optimised in every build, since tests play whole games; its asserts, warnings and undefined
# shifts are its own affair.
target_compile_options(dne_ale PRIVATE -O3 -w -ffp-contract=off -fno-sanitize=undefined)
target_compile_definitions(dne_ale PRIVATE NDEBUG)
