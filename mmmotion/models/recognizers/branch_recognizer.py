"""Several recognisers of one clip, trained side by side, their scores fused.

PAN_Full (RGB and PA: PAN, Section IV-A1), a motion path beside an appearance path, DCD's three
branches over one stem, and their kin.
"""

from collections.abc import Collection, Sequence

import torch
from mmengine.model import BaseModel, ModuleDict
from torch import Tensor, nn

from mmmotion.checkpoints import load_weights
from mmmotion.models.heads.probabilities import to_probabilities
from mmmotion.models.recognizers.branch_options import check_weights, refuse_moved, take_options
from mmmotion.models.recognizers.partly_frozen import PartlyFrozen
from mmmotion.models.wrappers.building import adopt_bare_keys
from mmmotion.registry import MODELS

__all__ = ['BranchRecognizer']


@MODELS.register_module()
class BranchRecognizer(PartlyFrozen, BaseModel):
    """Named branches over one clip: each a recogniser of its own.

    A branch is the config of any recogniser with a backbone and a head (MMAction2's Recognizer2D,
    Recognizer3D). Its weights stand under ``branches.<name>.``, in the same names as if it were
    trained alone; a training can start all of them from one recogniser's (``load_from``). In
    training each branch has its own loss, with that of its neck; tested is the fused score.

    Args:
        branches (dict): recognisers by name; the names head what is logged (``rgb.top1_acc``). Each
            may have the keys of :class:`BranchOptions`, too: ``sees``, ``on_stem``,
            ``loss_weight``, ``score_weight``, ``load_from``.
        stem (dict): config of a module that sees the clips once, for all branches: they, or what
            they ``sees``, get what it returns. It is trained by the branches that train, and is
            never frozen itself.
        use (Sequence[str]): the branches to build, of those that are named; all by default.
        average_clips (str): what is averaged, over the views of a video and over the branches:
            logits, 'score', or probabilities, 'prob'.
        data_preprocessor (dict): as of any recogniser; those of the branches are not used.

    Raises:
        ValueError: an option is not as described, or the heads differ in their classes.

    Convention:
        In: what the data preprocessor gives, (B, N, ...). ``pred_score`` of a result holds the
        probabilities (classes,) of the fused score: its softmax where logits were averaged.
        ``branch_scores`` holds what was averaged, each branch's by name. Where MMAction2's
        recognisers return features or logits, this one returns a dict of each branch's.

    Example:
        >>> branches = dict(  # doctest: +SKIP
        ...     rgb=dict(type='Recognizer2D', ..., sees=dict(type='mmmotion.PickFrame')),
        ...     pa=dict(type='Recognizer2D', ..., score_weight=2),
        ... )
    """

    def __init__(
        self,
        branches: dict,
        stem: dict | None = None,
        use: Sequence[str] | None = None,
        average_clips: str = 'score',
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
        **moved: object,
    ) -> None:
        super().__init__(data_preprocessor=data_preprocessor, init_cfg=init_cfg)
        refuse_moved(moved)
        self.stem = MODELS.build(stem) if stem else None
        self.options = {}
        self.branches = ModuleDict()
        self.sees = nn.ModuleDict()
        for name in _choose(branches, use):
            recognizer, options = take_options(branches[name], name)
            self.options[name] = options
            self.branches[name] = MODELS.build(recognizer)
            if options.sees:
                self.sees[name] = MODELS.build(options.sees)
        check_weights(self.options.values())
        self.num_classes = self._count_classes()
        self.frozen: frozenset[str] = frozenset()
        self.average_clips = average_clips
        self.register_load_state_dict_pre_hook(adopt_bare_keys)

    @property
    def wrapped(self) -> list[str]:
        """The modules that a checkpoint of one recogniser starts."""
        names = [f'branches.{name}' for name in self.branches]
        if self.stem is not None:
            names.append('stem')
        return names

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
        """Initialise the branches as each does itself, then load their ``load_from``.

        Raises:
            ValueError: a checkpoint is not of its branch's network.
        """
        super().init_weights()
        for option, branch, checkpoint in self.stages_before():
            load_weights(branch, checkpoint, strict=False, name=option)

    def stages_before(self) -> list[tuple[str, nn.Module, str]]:
        """Return option, module and file of the trainings that branches start from."""
        stages = []
        for name, options in self.options.items():
            if options.load_from:
                option = f'branches.{name}.load_from'
                stages.append((option, self.branches[name], options.load_from))
        return stages

    def freeze(self, names: Collection[str]) -> None:
        """Freeze these branches and train the others: no loss, no gradient, batch norm in eval.

        Raises:
            ValueError: there is no such branch, or none would be left to train.
        """
        known = set(self.branches)
        if not set(names) < known:
            branches, got = ', '.join(self.branches), ', '.join(sorted(names))
            raise ValueError(f'names: expected some, but not all, of {branches}, got {got}')
        self.frozen = frozenset(names)
        self.freeze_modules(f'branches.{name}' for name in self.frozen)

    def forward(
        self,
        inputs: Tensor,
        data_samples: list | None = None,
        mode: str = 'tensor',
        stage: str = 'backbone',
    ) -> dict | list:
        """Return losses (``mode='loss'``), results ('predict'), or what a stage gives ('tensor').

        As in MMAction2, ``stage`` is 'backbone', 'neck' or 'head'; what it gives stands by branch.
        """
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        if mode != 'tensor':
            raise ValueError(f"mode: expected 'loss', 'predict' or 'tensor', got {mode!r}")
        features, _ = self.extract_feat(inputs, stage)
        return features

    def extract_feat(
        self,
        inputs: Tensor,
        stage: str = 'neck',
        data_samples: list | None = None,
        test_mode: bool = False,
        names: Collection[str] | None = None,
    ) -> tuple[dict, dict]:
        """Return what a stage of each branch gives, by name, and what its head wants to know.

        Args:
            inputs: (B, N, ...), what the data preprocessor gives.
            stage: 'backbone', 'neck' or 'head', after which to stop.
            data_samples: in training, for the losses of a neck.
            test_mode: whether a branch's own ``test_cfg`` holds.
            names: the branches that run; None: all.
        """
        if names is None:
            names = list(self.branches)
        stemmed = inputs
        on_stem = any(self.options[name].on_stem for name in names)
        if self.stem is not None and on_stem:
            stemmed = self.stem(inputs)
        # Recognizer3D forgets the stage in test mode, so that the heads are called here.
        last_stage = 'neck' if stage == 'head' else stage
        features = {}
        kwargs = {}
        for name in names:
            branch = self.branches[name]
            clips = stemmed if self.options[name].on_stem else inputs
            if name in self.sees:
                clips = self.sees[name](clips)
            x, for_head = branch.extract_feat(
                clips,
                stage=last_stage,
                data_samples=data_samples,
                test_mode=test_mode,
            )
            if stage == 'head':
                x = branch.cls_head(x, **for_head)
            features[name] = x
            kwargs[name] = for_head
        return features, kwargs

    def branch_logits(self, inputs: Tensor, name: str) -> Tensor:
        """Return the logits of one branch for every view, (B * views, classes)."""
        logits, _ = self.extract_feat(inputs, stage='head', names=[name])
        return logits[name]

    def loss(self, inputs: Tensor, data_samples: list) -> dict[str, Tensor]:
        """Return the losses and accuracies of the branches that train, and the fused accuracy."""
        active = [name for name in self.branches if name not in self.frozen]
        logits, kwargs = self.extract_feat(inputs, 'head', data_samples, names=active)
        losses = {}
        for name in active:
            head = self.branches[name].cls_head
            values = dict(head.loss_by_feat(logits[name], data_samples))
            values.update(kwargs[name].get('loss_aux', {}))  # of the neck
            weight = self.options[name].loss_weight
            for key, value in values.items():
                if 'loss' in key:
                    value = value * weight
                losses[f'{name}.{key}'] = value
        if len(active) == len(self.branches):
            losses.update(self._fused_accuracy(logits, data_samples))
        return losses

    def predict(self, inputs: Tensor, data_samples: list) -> list:
        """Return the samples, filled with the fused score and with those of the branches."""
        logits, _ = self.extract_feat(inputs, 'head', test_mode=True)
        scores = self._average_views(logits, len(data_samples))
        fused = self._average_branches(scores)
        if self.average_clips == 'score':
            first = next(iter(self.branches.values()))
            fused = to_probabilities(fused, first.cls_head)
        for i, sample in enumerate(data_samples):
            sample.set_pred_score(fused[i])
            label = fused[i].argmax(dim=-1, keepdim=True)
            sample.set_pred_label(label)
            sample.branch_scores = {name: score[i] for name, score in scores.items()}
        return data_samples

    def _fused_accuracy(self, logits: dict, data_samples: list) -> dict[str, Tensor]:
        labels = torch.stack([sample.gt_label for sample in data_samples])
        if labels.shape[1] > 1:  # several labels a video have no top-1 accuracy
            return {}
        with torch.no_grad():
            scores = self._average_views(logits, len(data_samples))
            fused = self._average_branches(scores)
        labels = labels[:, 0].to(fused.device)
        hits = fused.argmax(dim=1) == labels
        return {'fused.top1_acc': hits.float().mean()}

    def _average_views(self, logits: dict[str, Tensor], num_videos: int) -> dict[str, Tensor]:
        """Average the views of each video: (videos * views, classes) to (videos, classes)."""
        scores = {}
        for name, logit in logits.items():
            head = self.branches[name].cls_head
            num_views = logit.shape[0] // num_videos
            scores[name] = head.average_clip(logit, num_segs=num_views)
        return scores

    def _average_branches(self, scores: dict[str, Tensor]) -> Tensor:
        """Average the scores of the branches, (videos, classes) each, by their weights."""
        total = sum(self.options[name].score_weight for name in scores)
        fused = 0
        for name, score in scores.items():
            share = self.options[name].score_weight / total
            fused = fused + score * share
        return fused

    def _count_classes(self) -> int:
        counts = {}
        for name, branch in self.branches.items():
            counts[name] = branch.cls_head.num_classes
        numbers = set(counts.values())
        if len(numbers) > 1:
            raise ValueError(
                f'num_classes: expected the same number in the heads of all branches, got {counts}'
            )
        return numbers.pop()


def _choose(branches: dict, use: Sequence[str] | None) -> list[str]:
    """Return the names of the branches that are built, in the order of the config."""
    names = list(branches)
    if not names:
        raise ValueError(f'branches: expected at least one recogniser, got {branches!r}')
    if use is None:
        return names
    unknown = [name for name in use if name not in names]
    if unknown or not use:
        known = ', '.join(names)
        got = ', '.join(unknown) or 'none'
        raise ValueError(f'use: expected some of the branches {known}, got {got}')
    return [name for name in names if name in use]
