"""A feature network and the OFF sub-network beside it (OFF, Fig. 2), and the second stage.

Optical Flow Guided Feature, sections 4.1 and 4.2.
"""

from collections.abc import Sequence

import torch
from mmaction.models.recognizers import Recognizer2D
from torch import Tensor, nn

from mmmotion.checkpoints import load_weights
from mmmotion.models.wrappers.probes import describe_maps, run_backbone, tapped
from mmmotion.registry import MODELS

__all__ = ['OFFRecognizer']


@MODELS.register_module()
class OFFRecognizer(Recognizer2D):
    """A TSN whose backbone also feeds an OFF sub-network.

    Backbone and ``cls_head.fc_cls`` are the feature network, under the names they have in a TSN, so
    that its checkpoint fits. Stage 2 keeps them as they are: no gradient, batch norm in eval.

    Args:
        backbone (dict): of the feature network: MMAction2's, ``mmpretrain.X``, ``timm.X``, ours.
        neck (dict): config of the :class:`OFFSubnetwork`; channels and strides are the backbone's.
        cls_head (dict): config of the :class:`OFFHead`; its channels are found likewise.
        features (Sequence[str]): names of the modules of the backbone whose maps are used, from
            high to low resolution.
        frozen (bool): whether the feature network stays as it is (stage 2), or trains, too.
        checkpoint (str, optional): of the TSN of stage 1.
        kwargs: of ``Recognizer2D``.

    Convention:
        In: as ``Recognizer2D``, (B, T, ...), the segments of a clip in order of time.
    """

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        cls_head: dict,
        features: Sequence[str],
        frozen: bool = True,
        checkpoint: str | None = None,
        **kwargs,
    ) -> None:
        super().__init__(backbone=backbone, **kwargs)
        self.features = tuple(features)
        self.frozen = frozen
        self.checkpoint = checkpoint
        channels, strides, width = describe_maps(self.backbone, self.features)
        self.neck = MODELS.build(dict(neck, in_channels=channels, strides=strides))
        self.cls_head = MODELS.build(self._complete(cls_head, width))
        if frozen:
            self.backbone.requires_grad_(False)
            self.cls_head.fc_cls.requires_grad_(False)
        self.train()

    def init_weights(self) -> None:
        """Initialise all parts, then fill the feature network with the ``checkpoint``.

        Raises:
            ValueError: the checkpoint is not of a TSN of this backbone and these classes.
        """
        super().init_weights()
        if self.checkpoint:
            head = nn.ModuleDict(dict(fc_cls=self.cls_head.fc_cls))
            tsn = nn.ModuleDict(dict(backbone=self.backbone, cls_head=head))
            load_weights(tsn, self.checkpoint, name='checkpoint')

    def stages_before(self) -> list[tuple[str, nn.Module, str]]:
        """Return option, module and file of the TSN that this starts from, if any."""
        return [('checkpoint', self, self.checkpoint)] if self.checkpoint else []

    def train(self, mode: bool = True) -> 'OFFRecognizer':
        """Keep the running statistics of a frozen feature network."""
        super().train(mode)
        if self.frozen:
            self.backbone.eval()
        return self

    def extract_feat(
        self,
        inputs: Tensor,
        stage: str = 'neck',
        data_samples: list | None = None,
        test_mode: bool = False,
    ) -> tuple:
        """Return the maps ('backbone'), the features ('neck') or the logits ('head') of clips."""
        maps, last = self._see(inputs)
        if stage == 'backbone':
            return (*maps, last), {}
        features = self.neck.embed(maps, last)
        return (self.cls_head(features) if stage == 'head' else features), {}

    def _see(self, inputs: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return the maps of all segments, (B, T, C, H, W) each, and the last one."""
        self._check_frozen()
        learns = torch.is_grad_enabled() and not self.frozen
        with torch.set_grad_enabled(learns), tapped(self.backbone, self.features) as maps:
            last = run_backbone(self.backbone, inputs.flatten(0, 1))
        fold = (-1, inputs.shape[1])
        # A backbone in bfloat16 gives float32, but its inner maps are as they are computed.
        seen = [maps[name].to(last.dtype).unflatten(0, fold) for name in self.features]
        return seen, last.unflatten(0, fold)

    def _check_frozen(self) -> None:
        fed = [name for name, p in self.backbone.named_parameters() if p.requires_grad]
        if self.frozen and (fed or self.backbone.training):
            raise ValueError(
                'frozen: expected a feature network that no longer trains, got '
                + (f'one whose {fed[0]} asks for a gradient' if fed else 'one in training mode')
            )

    def _complete(self, head: dict, width: int) -> dict:
        """Return the config of the head with channels, and no loss of what is frozen."""
        levels = self.neck.out_channels
        weights = head.get('loss_weights') or [float(not self.frozen), *[1.0] * len(levels)]
        if self.frozen and weights[0]:
            raise ValueError(
                f'loss_weights: expected 0 for the feature network, which is frozen, got {weights}'
            )
        found = dict(in_channels=width, level_channels=levels, loss_weights=weights)
        return dict(head, **found)
