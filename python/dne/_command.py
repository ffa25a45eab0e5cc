# SPDX-License-Identifier: MIT
"""The command dne, as pip installs it: the program that lies in the package."""
import os
import sys
from pathlib import Path


def main():
    program = Path(__file__).parent / "bin" / "dne"
    os.execv(program, [str(program), *sys.argv[1:]])
