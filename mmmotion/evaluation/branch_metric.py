"""Accuracies of the fused score, and of each branch beside it."""

from collections.abc import Sequence

from mmaction.evaluation import AccMetric

from mmmotion.registry import METRICS

__all__ = ['BranchAccMetric']


@METRICS.register_module()
class BranchAccMetric(AccMetric):
    """``AccMetric`` on the results of a ``BranchRecognizer``.

    ``acc/top1`` is of the fused score, as everywhere; ``acc/rgb.top1`` is of the branch ``rgb``.
    """

    def process(self, data_batch: object, data_samples: Sequence[dict]) -> None:
        num_before = len(self.results)
        super().process(data_batch, data_samples)
        added = self.results[num_before:]
        for result, sample in zip(added, data_samples, strict=True):
            scores = {}
            for name, score in sample['branch_scores'].items():
                score = score.float().cpu()
                scores[name] = score.numpy()
            result['branches'] = scores

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        metrics = dict(super().compute_metrics(results))
        labels = [result['label'] for result in results]
        names = results[0]['branches']
        for name in names:
            scores = [result['branches'][name] for result in results]
            accuracies = self.calculate(scores, labels)
            for key, value in accuracies.items():
                metrics[f'{name}.{key}'] = value
        return metrics
