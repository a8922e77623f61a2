import pytest

from mmmotion.files import whole_file


def test_takes_the_place_of_what_was_there(tmp_path):
    path = tmp_path / 'a.txt'
    path.write_text('old')
    with whole_file(path, suffix='.mp4') as partial:
        assert partial.name.endswith('.mp4')
        partial.write_text('new')
        assert path.read_text() == 'old'
    assert path.read_text() == 'new'
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize('error', [ValueError, KeyboardInterrupt])
def test_an_error_leaves_what_was_there(tmp_path, error):
    path = tmp_path / 'a.txt'
    path.write_text('old')

    def fail():
        with whole_file(path) as partial:
            partial.write_text('half')
            raise error

    pytest.raises(error, fail)
    assert path.read_text() == 'old'
    assert list(tmp_path.iterdir()) == [path]
