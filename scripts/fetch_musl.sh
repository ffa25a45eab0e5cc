#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds musl's mathematical functions for processors on which Debian's package has others: where the
# compiler's target has fused multiply-adds, musl takes them in log and pow, and the last bit changes.
# Here they are left out, as on x86-64, and so the bits are the same.
#   scripts/fetch_musl.sh [FOLDER] [COMPILER]    FOLDER is build/deps by default, COMPILER is gcc;
#                                                makes FOLDER/musl-1.2.3-PROCESSOR/libc.a
# Needs python3, make and access to Debian's archive; a second run is instant.
set -eu

version=1.2.3
sha256=7d5b0b6062521e4627e099e4c9dc8248d32a30285e959b7eecaa780cf8cfd4a4
source=musl_$version.orig.tar.gz

root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:-$root/build/deps}"
folder=$(cd "${1:-$root/build/deps}" && pwd)
compiler=${2:-gcc}
processor=$("$compiler" -dumpmachine)
processor=${processor%%-*}
target=$folder/musl-$version-$processor

if [ -e "$target" ]; then
  echo "musl $version for $processor is already in $target"
  exit 0
fi
if [ ! -e "$folder/$source" ]; then
  echo "Downloading musl $version from Debian to $folder"
  python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])' \
    "https://deb.debian.org/debian/pool/main/m/musl/$source" "$folder/$source"
fi
echo "Checking $folder/$source"
if ! echo "$sha256  $folder/$source" | sha256sum --check --quiet; then
  echo "$folder/$source is not the pinned release: delete it and run this again" >&2
  exit 1
fi

echo "Building to $target"
scratch=$(mktemp -d "$folder/unpack.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
tar --extract --gzip --file "$folder/$source" --directory "$scratch" --strip-components 1
cd "$scratch"
./configure --target="$processor" CC="$compiler" \
  CFLAGS="-O2 -ffp-contract=off -U__FP_FAST_FMA -U__FP_FAST_FMAF" >log 2>&1
# A rule beside musl's own: its mathematical functions, and its version.
cat >rule.mak <<'END'
libc.a: $(filter obj/src/math/% obj/src/internal/version.lo,$(LOBJS))
	$(AR) rc $@ $^
END
make -j2 -f Makefile -f rule.mak libc.a AR="$("$compiler" -print-prog-name=ar)" >>log 2>&1
mkdir "$target"
mv libc.a "$target"
echo "Done"
