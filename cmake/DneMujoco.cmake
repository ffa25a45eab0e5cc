# The MuJoCo engine as the imported library `dne_mujoco_engine`, and the folder of the bodies'
# models, as scripts/fetch_mujoco.sh unpacks them. Apache-2.0 and MIT.
set(mujoco "${CMAKE_SOURCE_DIR}/build/deps/mujoco-4.0.1")
if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  string(APPEND mujoco "-${CMAKE_SYSTEM_PROCESSOR}")
endif()
set(DNE_MUJOCO_DIR "${mujoco}" CACHE PATH "Library and headers of MuJoCo 4.0.1")
set(DNE_MUJOCO_BODY_DIR "${CMAKE_SOURCE_DIR}/build/deps/gymnasium-1.2.2-bodies" CACHE PATH
    "Folder of the bodies' .xml files, of gymnasium 1.2.2")
set(mujoco_library "${DNE_MUJOCO_DIR}/libmujoco.so.4.0.1")
foreach(needed "${mujoco_library}" "${DNE_MUJOCO_BODY_DIR}/humanoid.xml")
  if(NOT EXISTS "${needed}")
    message(FATAL_ERROR "DNE_MUJOCO is ON but ${needed} is missing.\n"
                        "Run scripts/fetch_mujoco.sh, or configure with -DDNE_MUJOCO=OFF.")
  endif()
endforeach()

# Programs find the library where it lies: CMake puts its folder into their run path.
add_library(dne_mujoco_engine SHARED IMPORTED GLOBAL)
set_target_properties(dne_mujoco_engine PROPERTIES
                      IMPORTED_LOCATION "${mujoco_library}"
                      INTERFACE_INCLUDE_DIRECTORIES "${DNE_MUJOCO_DIR}/include")
