"""mmmotion: motion without pre-computed optical flow, as a plugin of MMAction2.

Importing it applies the cures of :mod:`mmmotion.compat`, none of which needs what it cures: the
operators of :mod:`mmmotion.ops` work where there is only PyTorch. The registered classes are
imported by the registries of :mod:`mmmotion.registry` when the first of them is looked up.
"""

from mmmotion.compat import apply_cures
from mmmotion.version import __version__

__all__ = ['__version__']

apply_cures()
