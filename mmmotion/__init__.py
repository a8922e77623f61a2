"""mmmotion: motion without pre-computed optical flow, as a plugin of MMAction2.

Importing it applies the cures of :mod:`mmmotion.compat`; the registered classes are imported by
the registries of :mod:`mmmotion.registry` when the first of them is looked up.
"""

from .compat import apply_cures
from .version import __version__

__all__ = ['__version__']

apply_cures()
