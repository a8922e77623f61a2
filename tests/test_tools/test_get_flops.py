"""Multiply-adds of what a config's network really sees, known ones of each paper."""

import pytest

TSM = 'mmaction::recognition/tsm/tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py'


def count(call, config, *options):
    status, out, _ = call('tools/analysis_tools/get_flops.py', config, *options)
    assert status == 0
    lines = dict(line.rsplit('  ', 1) for line in out.splitlines() if '  ' in line)
    lines = {name.strip(): value.strip() for name, value in lines.items()}
    return lines['input'], float(out.splitlines()[-1].split()[-1])


@pytest.mark.parametrize(
    ('name', 'options', 'seen', 'executed'),
    [
        (
            'residual/residual_stride_r3d18_motionshapes',
            ['--size', 224],
            (1, 1, 3, 16, 224, 224),  # of 17 frames
            11.334,
        ),
        ('off/off_rgb_r18_motionshapes', [], (1, 16, 3, 44, 44), 2.117),
        ('dcd/dcd_full_r18_motionshapes', ['--num-clips', 1], (1, 1, 3, 2, 44, 44), 0.265),
        ('repflow/repflow_flow_r18_motionshapes', [], (1, 1, 3, 5, 44, 44), 0.376),
        ('pan/pan_lite_r18_motionshapes', [], (1, 4, 3, 4, 44, 44), 0.420),
        ('off/off_tsn_flow_bninception_ucf101', ['--size', 64], (1, 25, 10, 64, 64), 4.708),
    ],
)
def test_each_paper(call, name, options, seen, executed):
    shape, gmac = count(call, f'configs/{name}.py', *options)
    assert shape == str(seen)
    assert gmac == pytest.approx(executed, abs=0.0005)


def test_config_of_upstream(call, tmp_path):
    """TSM's paper, Table 2: 33 GMAC of 8 frames of 224."""
    config = tmp_path / 'own.py'
    config.write_text(f"_base_ = '{TSM}'\ncustom_imports = dict(imports=['mmmotion'])\n")
    shape, gmac = count(call, config, '--split', 'val')
    assert shape == '(1, 8, 3, 224, 224)'
    assert gmac == pytest.approx(33, abs=0.5)
