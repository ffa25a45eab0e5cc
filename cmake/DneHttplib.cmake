# cpp-httplib as the imported library `dne_httplib`, with the options that Debian compiles it with:
# they are part of its classes' layout.
find_package(PkgConfig REQUIRED)
pkg_check_modules(CPP_HTTPLIB REQUIRED cpp-httplib>=0.11)
add_library(dne_httplib INTERFACE)
target_compile_options(dne_httplib INTERFACE ${CPP_HTTPLIB_CFLAGS_OTHER})
target_link_libraries(dne_httplib INTERFACE ${CPP_HTTPLIB_LDFLAGS})
