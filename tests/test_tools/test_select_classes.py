"""Lists of some classes of Kinetics."""

from .conftest import ROOT

SCRIPT = 'tools/data/kinetics/select_classes.py'


def test_new_labels_in_the_order_of_the_classes(call, tmp_path):
    (tmp_path / 'classes.txt').write_text('yoga\nair_drumming\n')
    (tmp_path / 'all.txt').write_text('air drumming/a b.mp4 1\nzumba/c.mp4 399\nyoga/d.mp4 395\n')
    out = tmp_path / 'some.txt'
    _, said, _ = call(SCRIPT, tmp_path / 'classes.txt', tmp_path / 'all.txt', out)
    assert out.read_text() == 'air drumming/a b.mp4 1\nyoga/d.mp4 0\n'
    assert '2 videos of 2 classes' in said


def test_a_class_without_videos_writes_nothing(call, tmp_path):
    (tmp_path / 'classes.txt').write_text('yoga\nzumba\n')
    (tmp_path / 'all.txt').write_text('yoga/d.mp4 395\n')
    result = call(SCRIPT, tmp_path / 'classes.txt', tmp_path / 'all.txt', tmp_path / 'o')
    assert result[0] == 2
    assert 'expected videos of all 2 classes, got none of zumba' in result[2]
    assert not (tmp_path / 'o').exists()


def test_tinykinetics_has_150_classes():
    names = (ROOT / 'tools/data/kinetics/tinykinetics_classes.txt').read_text().split('\n')[:-1]
    assert len(set(names)) == len(names) == 150
    assert names == sorted(names)
