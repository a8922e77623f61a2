"""For whichever test file is run: the cures come first, and ``reference`` can be imported."""

import sys
from pathlib import Path

import mmmotion  # noqa: F401

# Some installed packages carry a top-level `tests`, so the reference versions, which the benchmarks
# use too, are imported from beside this file.
sys.path.insert(0, str(Path(__file__).parent))
