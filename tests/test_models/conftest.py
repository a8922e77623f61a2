import sys
from pathlib import Path

# Some installed packages carry a top-level `tests`, so the reference versions, which the benchmarks
# use too, are imported from beside it.
sys.path.insert(0, str(Path(__file__).parents[1]))
