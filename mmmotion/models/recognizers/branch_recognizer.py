"""Several recognisers of one clip, trained side by side, their scores fused.

PAN_Full (RGB and PA: PAN, Section IV-A1), a motion path beside an appearance path, DCD's three
branches over one stem, and their kin.
"""

from collections.abc import Collection, Iterator, Sequence

import torch
from mmengine.model import BaseModel, ModuleDict
from torch import Tensor, nn

from mmmotion.checkpoints import load_weights
from mmmotion.models.heads.probabilities import to_probabilities
from mmmotion.models.wrappers.building import adopt_bare_keys
from mmmotion.registry import MODELS

__all__ = ['BranchRecognizer', 'fuse_scores']


def fuse_scores(scores: dict[str, Tensor], weights: dict[str, float]) -> Tensor:
    """Average the scores of branches, (..., classes) each, by their weights."""
    total = sum(weights[name] for name in scores)
    return sum(score * (weights[name] / total) for name, score in scores.items())


@MODELS.register_module()
class BranchRecognizer(BaseModel):
    """Named branches over one clip: each a recogniser of its own, and its view of the clip.

    A branch is the config of any recogniser with a backbone and a head (MMAction2's Recognizer2D,
    Recognizer3D). Its weights stand under ``branches.<name>.``, in the same names as if it were
    trained alone; a training can start all of them from one recogniser's (``load_from``). In
    training each branch has its own loss, with that of its neck; tested is the fused score.

    Args:
        branches (dict): recognisers by name; the names head what is logged (``rgb.top1_acc``).
        views (dict): by name, the config of a module that turns the clips into what the branch
            sees; a branch without one sees them as they are.
        loss_weights (dict): by name, the factor of a branch's losses; 1 each by default.
        score_weights (dict): by name, the weight of a branch's scores; 1 each by default.
        checkpoints (dict): by name, the checkpoint of a recogniser that the branch starts from: of
            itself trained alone, or of its network on RGB, fitted to its input as it is loaded.
        stem (dict): config of a module that sees the clips once, for all branches: their views get
            what it returns. It is trained by the branches that do not rest, and never rests itself.
        on_stem (Sequence[str]): the branches that see what the stem gives, all by default; the
            others see the clips.
        use (Sequence[str]): the branches to build, of those that are named; all by default.
        average_clips (str): what is averaged, over the views of a video and over the branches:
            logits, 'score', or probabilities, 'prob'.
        data_preprocessor (dict): as of any recogniser; those of the branches are not used.

    Convention:
        In: what the data preprocessor gives, (B, N, ...). ``pred_score`` of a result holds the
        probabilities (classes,) of the fused score: its softmax where logits were averaged.
        ``branch_scores`` holds what was averaged, each branch's by name.
    """

    def __init__(
        self,
        branches: dict,
        views: dict | None = None,
        loss_weights: dict | None = None,
        score_weights: dict | None = None,
        checkpoints: dict | None = None,
        stem: dict | None = None,
        on_stem: Sequence[str] | None = None,
        use: Sequence[str] | None = None,
        average_clips: str = 'score',
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor=data_preprocessor, init_cfg=init_cfg)
        if not branches:
            raise ValueError(f'branches: expected at least one recogniser, got {branches!r}')
        names = list(branches)
        _check_names('views', views or {}, names)
        _check_names('checkpoints', checkpoints or {}, names)
        _check_names('on_stem', on_stem or (), names)
        weights = _weight_each('loss_weights', loss_weights, names)
        scores = _weight_each('score_weights', score_weights, names)
        used = _choose(names, use)
        self.loss_weights, self.score_weights = _only(used, weights), _only(used, scores)
        self.stem = MODELS.build(stem) if stem else None
        self.on_stem = frozenset(names if on_stem is None else on_stem)
        self.branches = ModuleDict({name: MODELS.build(branches[name]) for name in used})
        views = {name: MODELS.build(cfg) for name, cfg in _only(used, views or {}).items()}
        self.views = nn.ModuleDict(views)
        self.checkpoints = _only(used, checkpoints or {})
        self.num_classes = _agree_on_classes(self.branches)
        self.resting: frozenset[str] = frozenset()
        self.average_clips = average_clips
        self.register_load_state_dict_pre_hook(adopt_bare_keys)

    @property
    def average_clips(self) -> str:
        """Whether logits or probabilities are averaged; the heads of all branches follow it."""
        return self._average_clips

    @average_clips.setter
    def average_clips(self, kind: str) -> None:
        if kind not in ('score', 'prob'):
            raise ValueError(f"average_clips: expected 'score' or 'prob', got {kind!r}")
        self._average_clips = kind
        for branch in self.branches.values():
            branch.cls_head.average_clips = kind

    def init_weights(self) -> None:
        """Initialise the branches as each does itself, then load the ``checkpoints``.

        Raises:
            ValueError: a checkpoint is not of its branch's network.
        """
        super().init_weights()
        for name, checkpoint in self.checkpoints.items():
            option = f'checkpoints.{name}'
            load_weights(self.branches[name], checkpoint, strict=False, name=option)

    def rest(self, names: Collection[str]) -> None:
        """Let these branches rest and the others train: no loss, no gradient, batch norm in eval.

        Raises:
            ValueError: there is no such branch, or none would be left to train.
        """
        unknown = sorted(set(names) - set(self.branches))
        if unknown or len(set(names)) == len(self.branches):
            raise ValueError(
                f'resting: expected some, but not all, of the branches {", ".join(self.branches)}, '
                f'got {", ".join(sorted(names))}'
            )
        self.resting = frozenset(names)
        self.train(self.training)

    def train(self, mode: bool = True) -> 'BranchRecognizer':
        super().train(mode)
        for name in self.resting:
            self.branches[name].eval()
        return self

    def forward(
        self, inputs: Tensor, data_samples: list | None = None, mode: str = 'tensor'
    ) -> dict | list:
        """Return losses (``mode='loss'``), results ('predict') or logits by branch ('tensor')."""
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        return {name: logit for name, logit, _ in self._logits(inputs, self.branches)}

    def loss(self, inputs: Tensor, data_samples: list) -> dict[str, Tensor]:
        """Return the losses and accuracies of the branches that train, and the fused accuracy."""
        active = [name for name in self.branches if name not in self.resting]
        losses, logits = {}, {}
        for name, logit, neck_losses in self._logits(inputs, active, data_samples=data_samples):
            logits[name] = logit.detach()
            values = self.branches[name].cls_head.loss_by_feat(logit, data_samples) | neck_losses
            losses.update(_named(name, values, self.loss_weights[name]))
        if len(active) == len(self.branches):
            losses.update(self._fused_accuracy(logits, data_samples))
        return losses

    def predict(self, inputs: Tensor, data_samples: list) -> list:
        """Return the samples, filled with the fused score and with those of the branches."""
        scores = {
            name: self._average(name, logit, len(data_samples))
            for name, logit, _ in self._logits(inputs, self.branches, test_mode=True)
        }
        fused = fuse_scores(scores, self.score_weights)
        if self.average_clips == 'score':
            fused = to_probabilities(fused, next(iter(self.branches.values())).cls_head)
        for index, (sample, score) in enumerate(zip(data_samples, fused, strict=True)):
            sample.set_pred_score(score)
            sample.set_pred_label(score.argmax(dim=-1, keepdim=True))
            sample.branch_scores = {name: values[index] for name, values in scores.items()}
        return data_samples

    def branch_logits(self, inputs: Tensor, name: str) -> Tensor:
        """Return the logits of one branch for every view, (B * views, classes)."""
        return next(logit for _, logit, _ in self._logits(inputs, [name]))

    def _logits(
        self, inputs: Tensor, names: Collection[str], **mode
    ) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
        """Yield the name, the logits and the neck's losses of each branch.

        ``mode`` is what MMAction2's recognisers tell ``extract_feat``: ``data_samples`` in
        training, for the losses of a neck; ``test_mode``, for the branch's own ``test_cfg``.
        """
        stemmed = self.stem(inputs) if self.stem and not self.on_stem.isdisjoint(names) else inputs
        for name in names:
            branch = self.branches[name]
            seen = stemmed if name in self.on_stem else inputs
            view = self.views[name](seen) if name in self.views else seen
            features, kwargs = branch.extract_feat(view, **mode)
            yield name, branch.cls_head(features, **kwargs), kwargs.get('loss_aux', {})

    def _average(self, name: str, logit: Tensor, num_videos: int) -> Tensor:
        """Average the views of each video: (videos * views, classes) to (videos, classes)."""
        num_views = len(logit) // num_videos
        return self.branches[name].cls_head.average_clip(logit, num_segs=num_views)

    def _fused_accuracy(self, logits: dict, data_samples: list) -> dict[str, Tensor]:
        labels = torch.stack([sample.gt_label for sample in data_samples])
        if labels.shape[1] > 1:  # several labels a video have no top-1 accuracy
            return {}
        scores = {name: self._average(name, logits[name], len(data_samples)) for name in logits}
        fused = fuse_scores(scores, self.score_weights)
        hits = fused.argmax(1) == labels[:, 0].to(fused.device)
        return {'fused.top1_acc': hits.float().mean()}


def _named(name: str, losses: dict[str, Tensor], weight: float) -> dict[str, Tensor]:
    """Put the branch's name before each key, and its weight on each loss."""
    return {
        f'{name}.{key}': value * weight if 'loss' in key else value for key, value in losses.items()
    }


def _weight_each(argument: str, weights: dict | None, names: Sequence[str]) -> dict[str, float]:
    if weights is None:
        return dict.fromkeys(names, 1.0)
    if set(weights) != set(names) or min(weights.values()) < 0 or not any(weights.values()):
        raise ValueError(
            f'{argument}: expected one weight of at least 0, and not all 0, for each of the '
            f'branches {", ".join(names)}, got {dict(weights)}'
        )
    return dict(weights)


def _check_names(argument: str, given: Collection[str], names: Sequence[str]) -> None:
    unknown = [name for name in given if name not in names]
    if unknown:
        raise ValueError(
            f'{argument}: expected names of the branches {", ".join(names)}, '
            f'got {", ".join(unknown)}'
        )


def _choose(names: Sequence[str], use: Sequence[str] | None) -> list[str]:
    _check_names('use', use or (), names)
    if use is not None and not use:
        raise ValueError(f'use: expected some of the branches {", ".join(names)}, got none')
    return [name for name in names if use is None or name in use]


def _only(names: Sequence[str], given: dict) -> dict:
    return {name: given[name] for name in given if name in names}


def _agree_on_classes(branches: ModuleDict) -> int:
    counts = {name: branch.cls_head.num_classes for name, branch in branches.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(
            f'num_classes: expected the same number in the heads of all branches, got {counts}'
        )
    return next(iter(counts.values()))
