"""Listening to modules: names, threads, copies."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

import mmmotion  # noqa: F401
from mmmotion.models.wrappers.probes import Listener, hooked, tapped


class Doubled(nn.Module):
    """A network whose inner map is heard, in three lines."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
        self.listener = Listener(self.inner, ['0'])

    def forward(self, x):
        with self.listener.hear() as heard:
            out = self.inner(x)
        return heard['0'], out


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Doubled().eval()


class TestListener:
    def test_values(self, model):
        x = torch.randn(5, 3)
        heard, out = model(x)
        assert torch.equal(heard, model.inner[0](x))
        assert torch.equal(out, heard.relu())

    def test_hears_nothing_outside(self, model):
        with model.listener.hear() as heard:
            pass
        model.inner(torch.randn(1, 3))
        assert heard == {}

    def test_threads(self, model):
        batches = [torch.randn(1 + i % 4, 3) for i in range(64)]
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(model, batches))
        for batch, (heard, _) in zip(batches, found, strict=True):
            assert torch.equal(heard, model.inner[0](batch))

    @pytest.mark.parametrize('duplicate', [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
    def test_copies_hear_themselves(self, model, duplicate):
        twin, x = duplicate(model), torch.randn(2, 3)
        nn.init.zeros_(twin.inner[0].weight)
        assert torch.equal(twin(x)[0], twin.inner[0](x))
        assert not torch.equal(twin(x)[0], model(x)[0])

    def test_exception(self, model):
        with pytest.raises(ValueError, match=r'features: expected names of modules of .*0, 1.*got'):
            Listener(model.inner, ['2'])


class TestTapped:
    def test_hooks_are_gone(self, model):
        network = nn.Sequential(nn.Linear(3, 4))
        with tapped(network, ['0']) as heard:
            out = network(torch.ones(1, 3))
        assert torch.equal(heard['0'], out)
        assert not network[0]._forward_hooks


class TestHooked:
    def test_takes_the_place_of_the_output(self, model):
        seen = []

        def double(name, module, inputs, out):
            seen.append((name, module, inputs[0]))
            return 2 * out

        x = torch.randn(2, 3)
        with hooked({'first': model.inner[0]}, double):
            out = model.inner(x)
        assert torch.equal(out, 2 * model.inner(x))
        ((name, module, given),) = seen
        assert name == 'first'
        assert module is model.inner[0]
        assert given is x
