import logging
import multiprocessing

import pytest

from mmmotion.datasets import robust


@pytest.fixture
def logged(monkeypatch):
    """Return the list that gets every message logged, by worker processes as well."""
    messages = multiprocessing.Manager().list()

    def log(message, logger, level):
        assert (logger, level) == ('current', logging.WARNING)
        messages.append(message)

    monkeypatch.setattr(robust, 'print_log', log)
    return messages
