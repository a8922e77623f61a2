"""Cures for what is broken in the stack under mmmotion, each applied only where it is broken.

Importing mmmotion calls :func:`apply_cures`. Nothing heavy is imported here: what concerns a
module of another package waits, as an import hook, until somebody imports that module. The cures
stand in the modules here, each with its symptom and its cause:

| symptom | module | cured when |
| --- | --- | --- |
| ``operator torchvision::nms does not exist`` | torchvision_operators | its import says so |
| no module ``mmaction.models.localizers.drn`` | mmaction_modules | no other finder has it |
| a cut-off AVI or WebM file ends the process | mmaction_modules | a file is on a disk |
| ``np.Inf was removed``, no ``in1d``, no ``trapz`` | numpy2 | NumPy lacks one of them |
| ``out of bounds for uint8`` in ``ColorJitter`` | numpy2 | a turn of the hue says so |
| ``Weights only load failed`` in resuming and testing | checkpoints | always: torch keeps a list |
| the same, of the state of ``OneCycleLR`` | checkpoints | its module is imported |
| code in a checkpoint from a URL runs | checkpoints | ``load_url`` allows it by default |
| a checkpoint crashes who reads its arrays | saved_arrays | always, by what is on that list |
| ``does not support to load mmmotion config`` | config_names | mmengine does not know the name |
| no ``mmmotion/.mim/model-index.yml`` | config_names | our folder is asked for |
| ``ActionVisualizer is not in ... registry`` | config_names | inherited from ``mmmotion::`` |
| rates of TSM without a word wrong or at 0 | tsm_rates | the model has a part it misjudges |
| NaN in bfloat16 on a CPU, of clips of 2 frames | short_clips | a padded filter is longer than T |
| no ``apply_chunking_to_forward`` in transformers | multimodal | the installed one lacks it |
| no module ``pkg_resources`` | messages | it is not installed: a warning that says what to do |
| no module ``mmengine`` | messages | mmmotion was installed for its operators alone |
| deprecations and a failed import at each start | messages | always: no user can mend them |
"""

import sys

from mmmotion.compat.around_import import AroundImport
from mmmotion.compat.checkpoints import CHECKPOINT_CURES, allow_mmengine_globals
from mmmotion.compat.config_names import CONFIG_CURES
from mmmotion.compat.messages import (
    MESSAGE_CURES,
    ignore_harmless_warnings,
    warn_without_pkg_resources,
)
from mmmotion.compat.mmaction_modules import DRN, MMACTION_CURES, MissingModules
from mmmotion.compat.multimodal import MULTIMODAL_CURES
from mmmotion.compat.numpy2 import NUMPY2_CURES
from mmmotion.compat.short_clips import pad_short_clips
from mmmotion.compat.torchvision_operators import TORCHVISION_CURES
from mmmotion.compat.tsm_rates import TSM_CURES

__all__ = ['DRN', 'apply_cures']

_MISSING = MissingModules()
_HOOK = AroundImport(
    {
        **TORCHVISION_CURES,
        **NUMPY2_CURES,
        **MMACTION_CURES,
        **MULTIMODAL_CURES,
        **CONFIG_CURES,
        **MESSAGE_CURES,
        **CHECKPOINT_CURES,
        **TSM_CURES,
    }
)


def apply_cures() -> None:
    """Apply every cure; a second call changes nothing."""
    allow_mmengine_globals()
    pad_short_clips()
    warn_without_pkg_resources()
    ignore_harmless_warnings()
    if _HOOK not in sys.meta_path:
        sys.meta_path.insert(0, _HOOK)
        sys.meta_path.append(_MISSING)  # last: a module that exists is found before
    for name in _HOOK.cures:  # too late for the hook: run its cure around nothing
        if name in sys.modules:
            _HOOK.cures[name](lambda module: None, sys.modules[name])
