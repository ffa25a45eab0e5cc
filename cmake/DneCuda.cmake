# CUDA, for runs on a graphics card (docs/gpu.md).
set(CMAKE_CUDA_ARCHITECTURES "75;80;86;89;90" CACHE STRING
    "Generations of cards to build for; newer ones translate the last one's when they start")
include(CheckLanguage)
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(FATAL_ERROR "DNE_CUDA is ON but there is no CUDA compiler.\n"
                      "Install the CUDA toolkit, 12 or newer, and name its compiler with "
                      "-DCMAKE_CUDA_COMPILER=/usr/local/cuda/bin/nvcc, or configure with "
                      "-DDNE_CUDA=OFF.")
endif()
enable_language(CUDA)
find_package(CUDAToolkit 12 REQUIRED)
