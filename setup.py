"""Install mmmotion, and under mmmotion/.mim its configs and tools, as OpenMMLab packages do."""

import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
CARRIED = ('configs', 'tools', 'demo', 'model-index.yml')

# The operators of mmmotion.ops need PyTorch alone, so that they can be put into any code base; all
# else is a plugin of MMAction2, the extra `mmaction`. mmcv and mmcv-lite install the same module:
# which of the two is the user's choice, so that neither stands there; `lite` adds mmcv-lite.
OPERATORS = ['torch>=2.4,<3', 'numpy>=1.24']
MMACTION = [
    'torchvision>=0.19',
    'mmengine>=0.10.4,<0.11',
    'mmaction2>=1.2,<1.3',
    'mmpretrain>=1.2,<1.3',
    'decord>=0.6',
    'opencv-python>=4.8',
    'tensorboard>=2.12',
    'setuptools<81',  # mmengine imports pkg_resources when it runs
]
LITE = [*MMACTION, 'mmcv-lite>=2.0,<2.2']
TESTS = [*MMACTION, 'pytest>=8', 'timm>=0.9']


class BuildWithConfigs(build_py):
    """Copy what mim serves into the built package; an editable install links to it instead."""

    def run(self):
        """Build as usual, then carry."""
        super().run()
        target = ROOT / 'mmmotion' if self.editable_mode else Path(self.build_lib) / 'mmmotion'
        carry(target / '.mim', link=self.editable_mode)


def carry(target: Path, *, link: bool) -> None:
    """Put the carried files under ``target``, as links or as copies."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in CARRIED:
        source = ROOT / name
        if link:
            (target / name).symlink_to(source.resolve())
        elif source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns('__pycache__'))
        else:
            shutil.copy(source, target / name)


def version() -> str:
    """Read the version without importing the package, which needs torch."""
    scope = {}
    exec((ROOT / 'mmmotion' / 'version.py').read_text(), scope)
    return scope['__version__']


setup(
    name='mmmotion',
    version=version(),
    description='Motion without pre-computed optical flow, as a plugin of MMAction2',
    long_description=(ROOT / 'README.md').read_text(),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    python_requires='>=3.10,<3.13',
    packages=find_packages(include=['mmmotion', 'mmmotion.*']),
    package_data={'mmmotion.ops.engines': ['*.cpp']},  # built on first use
    cmdclass={'build_py': BuildWithConfigs},
    install_requires=OPERATORS,
    extras_require={
        'mmaction': MMACTION,
        'lite': LITE,
        'tests': TESTS,
        'dev': [*TESTS, 'ruff', 'mypy', 'codespell', 'pre-commit'],
    },
)
