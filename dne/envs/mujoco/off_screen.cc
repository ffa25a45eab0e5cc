// SPDX-License-Identifier: MIT
#include "dne/envs/mujoco/off_screen.h"

#include <dlfcn.h>

#include <string>

#include "dne/base/error.h"
#include "dne/envs/environment.h"

namespace dne {
namespace {

constexpr const char* kLibrary = "libOSMesa.so.8";

// Of OpenGL's and OSMesa's headers, which a build need not have.
constexpr unsigned kRgba = 0x1908;
constexpr unsigned kUnsignedByte = 0x1401;
constexpr int kDepthBits = 24;
constexpr int kStencilBits = 8;  // MuJoCo draws what a floor reflects through it

struct Osmesa {
  void* (*create_context)(unsigned format, int depth_bits, int stencil_bits, int accumulation_bits,
                          void* shared_with);
  unsigned char (*make_current)(void* context, void* pixels, unsigned type, int width, int height);
  void (*destroy_context)(void* context);
};

[[noreturn]] void FailLoading() {
  throw CannotFilm(std::string("bodies are drawn by OSMesa, which cannot be loaded (") + dlerror() +
                   "): install it (Debian: libosmesa6), or leave the video out");
}

template <class Function>
void Find(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  if (function == nullptr) FailLoading();
}

Osmesa LoadOsmesa() {
  // For all to see: MuJoCo looks for OpenGL's functions among what the process has loaded.
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) FailLoading();
  Osmesa osmesa{};
  Find(library, "OSMesaCreateContextExt", osmesa.create_context);
  Find(library, "OSMesaMakeCurrent", osmesa.make_current);
  Find(library, "OSMesaDestroyContext", osmesa.destroy_context);
  return osmesa;
}

// Looked for again where it was not there.
const Osmesa& TheOsmesa() {
  static const Osmesa kOsmesa = LoadOsmesa();
  return kOsmesa;
}

}  // namespace

OffScreen::OffScreen(int width, int height)
    : width_(width),
      height_(height),
      pixels_(static_cast<size_t>(width) * static_cast<size_t>(height)),
      context_(TheOsmesa().create_context(kRgba, kDepthBits, kStencilBits, 0, nullptr)) {
  DNE_CHECK(context_ != nullptr);
}

OffScreen::~OffScreen() { TheOsmesa().destroy_context(context_); }

void OffScreen::Choose() {
  const auto is_chosen =
      TheOsmesa().make_current(context_, pixels_.data(), kUnsignedByte, width_, height_);
  DNE_CHECK(is_chosen != 0);
}

}  // namespace dne
