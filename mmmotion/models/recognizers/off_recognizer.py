"""A feature network and the OFF sub-network beside it (OFF, Fig. 2), and the second stage.

Optical Flow Guided Feature, sections 4.1 and 4.2.
"""

from collections.abc import Sequence

from mmaction.models.recognizers import Recognizer2D
from torch import Tensor, nn

from mmmotion.checkpoints import load_weights
from mmmotion.models.recognizers.partly_frozen import PartlyFrozen
from mmmotion.models.wrappers.probes import Listener, describe_maps, run_backbone
from mmmotion.registry import MODELS

__all__ = ['OFFRecognizer']


@MODELS.register_module()
class OFFRecognizer(PartlyFrozen, Recognizer2D):
    """A TSN whose backbone also feeds an OFF sub-network.

    Backbone and ``cls_head.fc_cls`` are the feature network, under the names they have in a TSN, so
    that its checkpoint fits. Stage 2 keeps them as they are: no gradient, batch norm in eval.

    Args:
        backbone (dict): of the feature network: MMAction2's, ``mmpretrain.X``, ``timm.X``, ours.
        neck (dict): config of the :class:`OFFSubnetwork`; channels and strides are the backbone's.
        cls_head (dict): config of the :class:`OFFHead`; its channels are found, too.
        features (Sequence[str]): names of the modules of the backbone whose maps are used, from
            high to low resolution.
        frozen (bool): whether the feature network stays as it is (stage 2), or trains, too.
        checkpoint (str, optional): of the TSN of stage 1.
        kwargs: of ``Recognizer2D``.

    Raises:
        ValueError: the backbone has no such modules, or a frozen network has a loss.

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
        channels, strides, last_channels = describe_maps(self.backbone, self.features)
        self.listener = Listener(self.backbone, self.features)
        self.neck = MODELS.build(dict(neck, in_channels=channels, strides=strides))
        self.cls_head = MODELS.build(self._complete(cls_head, last_channels))
        if frozen:
            self.freeze_modules(['backbone', 'cls_head.fc_cls'])

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
        if not self.checkpoint:
            return []
        return [('checkpoint', self, self.checkpoint)]

    def extract_feat(
        self,
        inputs: Tensor,
        stage: str = 'neck',
        data_samples: list | None = None,
        test_mode: bool = False,
    ) -> tuple:
        """Return the maps ('backbone'), the features ('neck') or the logits ('head') of clips.

        The maps are (B, T, C, H, W) each, the last one that of the backbone itself.
        """
        with self.listener.hear() as heard:
            last = run_backbone(self.backbone, inputs.flatten(0, 1))
        clips = (-1, inputs.shape[1])  # of a map's (B T, C, H, W), which becomes (B, T, C, H, W)
        maps = []
        for name in self.features:
            # A backbone in bfloat16 gives float32, but its inner maps are as they are computed.
            x = heard[name].to(last.dtype)
            maps.append(x.unflatten(0, clips))
        last = last.unflatten(0, clips)
        if stage == 'backbone':
            return (*maps, last), {}
        features = self.neck(maps, last)
        if stage == 'neck':
            return features, {}
        return self.cls_head(features), {}

    def _complete(self, head: dict, last_channels: int) -> dict:
        """Return the config of the head with channels, and no loss of what is frozen."""
        levels = self.neck.out_channels
        weights = head.get('loss_weights')
        if not weights:
            of_network = 0.0 if self.frozen else 1.0
            weights = [of_network, *[1.0] * len(levels)]
        if self.frozen and weights[0]:
            raise ValueError(
                f'loss_weights: expected 0 for the feature network, which is frozen, got {weights}'
            )
        return dict(head, in_channels=last_channels, level_channels=levels, loss_weights=weights)
