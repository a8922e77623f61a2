# Two commands, nothing else:
#   make quickstart   install, make MotionShapes, train, test and show PAN-Lite
#   make test         install, then lint and the whole test suite
# Both can be repeated and interrupted: what is there is used, what is half done is done again.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

VENV ?= .venv
PYTHON ?= $(firstword $(foreach p,python3 python3.12 python3.11 python3.10,$(shell \
	$(p) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo $(p))))
RUN := $(VENV)/bin/python
DATA := data/motion_shapes
CONFIG := configs/pan/pan_lite_r18_motionshapes.py
WORK := work_dirs/pan_lite_r18_motionshapes

.PHONY: quickstart test lint tables install clean

quickstart: $(VENV)/.installed
	$(RUN) tools/data/motion_shapes/make_motion_shapes.py $(DATA)
	$(RUN) tools/train.py $(CONFIG) --work-dir $(WORK) --resume
	$(RUN) tools/test.py $(CONFIG) "$$(cat $(WORK)/last_checkpoint)" --work-dir $(WORK)/test
	$(RUN) demo/demo.py "$(DATA)/$$(head -n 1 $(DATA)/test.txt | cut -d ' ' -f 1)" \
		--config $(CONFIG) --checkpoint "$$(cat $(WORK)/last_checkpoint)" --out $(WORK)/demo.png
	$(RUN) tools/analysis_tools/report.py $(WORK)

test: $(VENV)/.installed-dev lint
	$(RUN) -m pytest --doctest-modules mmmotion/ops
	OMP_NUM_THREADS=1 $(RUN) -m pytest -n auto --maxprocesses 4 --dist worksteal

lint: $(VENV)/.installed-dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(VENV)/bin/codespell
	$(RUN) -m mypy --strict --follow-imports=silent mmmotion/ops
	$(RUN) tools/analysis_tools/write_tables.py --check

tables: $(VENV)/.installed
	$(RUN) tools/analysis_tools/write_tables.py

install: $(VENV)/.installed

# The stamp is written last, so that an interrupted installation is taken up again.
$(VENV)/.installed: requirements/tested.txt setup.py
	@test -n "$(PYTHON)" || { echo 'error: expected Python 3.10, 3.11 or 3.12 on the PATH, got none' >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check 'setuptools<81' wheel
	$(RUN) -m pip install --disable-pip-version-check --progress-bar on -r requirements/tested.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements/dev.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	touch $@

clean:
	rm -rf $(VENV) work_dirs data build *.egg-info mmmotion/.mim
