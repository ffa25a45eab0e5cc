# SPDX-License-Identifier: MIT
"""Deep neuroevolution: genetic algorithms and evolution strategies, exactly reproducible.

Ask and tell, for networks and simulators of your own: ES, PGPE, SNES, NSES, NSRES, NSRAES, GA,
GANS, MapElites, RandomSearch, SteadyStateGA. Runs that dne plays, stores and resumes: run, resume,
Run, Policy.
"""
from ._core import Error, build, version
from .ask_tell import (ES, GA, GANS, NSES, NSRAES, NSRES, PGPE, SNES, AskTell, Generation,
                       MapElites, RandomSearch, SteadyStateGA)
from .policy import Policy
from .runs import Run, resume, run

__version__ = version()
__all__ = ["ES", "GA", "GANS", "NSES", "NSRAES", "NSRES", "PGPE", "SNES", "AskTell", "Error",
           "Generation", "MapElites", "Policy", "RandomSearch", "Run", "SteadyStateGA", "build",
           "resume", "run", "version"]
