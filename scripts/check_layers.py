#!/usr/bin/env python3
"""Fails when a file includes a module that ARCHITECTURE.md's table does not allow it.

Usage: check_layers.py [ROOT]. Also fails on third-party headers in our headers, on lines that are
not ASCII, and on sources of randomness or time that results must not depend on.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
THIRD_PARTY = ("hwy/", "ale/", "mujoco/", "sqlite3", "toml", "fmt/", "nlohmann/", "CLI/", "zstd",
               "zlib", "mpi", "httplib", "gtest/", "benchmark/")
FORBIDDEN = re.compile(r"random_device|std::(mt19937|normal_distribution|uniform_\w+_distribution)"
                       r"|\bstd::rand\b|\bgetenv\b|std::cout|std::cerr|\bprintf\(\"|\babort\(\)"
                       r"|std::exit|system_clock|steady_clock|\btime\(nullptr\)")

# The one file that knows what time it is, for reports.
CLOCKS = "about.cc"


def allowed_modules():
    """The table of ARCHITECTURE.md: module -> modules it may include."""
    table = {}
    for line in (ROOT / "ARCHITECTURE.md").read_text().splitlines():
        match = re.fullmatch(r"\| `(\w+)` \|([^|]*)\|.*", line)
        if match:
            table[match[1]] = set(re.findall(r"`(\w+)`", match[2]))
    if not table:
        sys.exit("check_layers: ARCHITECTURE.md holds no table of modules")
    return table



def check(path, allowed):
    text = path.read_text()
    module = path.relative_to(ROOT / "dne").parts[0]
    if module not in allowed:
        yield f"{path}: module {module} is not in ARCHITECTURE.md's table"
        return
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{path}:{number}"
        include = re.match(r'#include "dne/(\w+)/', line)
        if include and include[1] != module and include[1] not in allowed[module]:
            yield f"{where}: {module} may not include {include[1]}"
        third = re.match(r'#include [<"]([^>"]+)', line)
        private = path.stem.endswith("_simd") or "-inl" in path.stem
        if path.suffix == ".h" and not private and third and third[1].startswith(THIRD_PARTY):
            yield f"{where}: third-party header in one of ours"
        if FORBIDDEN.search(line.split("//")[0]) and path.name != CLOCKS:
            yield f"{where}: the library may not use this: {line.strip()}"
        if not line.isascii():
            yield f"{where}: not ASCII"


def main():
    allowed = allowed_modules()
    files = sorted(p for p in (ROOT / "dne").rglob("*") if p.suffix in (".h", ".cc", ".cu"))
    mistakes = [mistake for path in files for mistake in check(path, allowed)]
    print("\n".join(mistakes) or f"check_layers: {len(files)} files keep to the table")
    sys.exit(bool(mistakes))


if __name__ == "__main__":
    main()
