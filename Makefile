# regraft: `make lab` shows it on a virtual machine, `make test` proves it there.
PYTHON ?= python3
bin := .venv/bin
# A virtual environment knows its own path, and what was asked of it: it is made anew when
# the checkout was renamed or pyproject.toml has changed.
made := $(CURDIR) $(shell cksum <pyproject.toml)

.PHONY: help venv lab-needs lab test check lab-ssh lab-down bench docs clean clean-cache

help:
	@echo 'make lab        bring up the lab box, run deploy/mi50.py against it, check it, report'
	@echo 'make test       lint, types, tests on this machine, and everything that runs against lab boxes'
	@echo 'make check      lint, types, tests on this machine: under a minute'
	@echo 'make lab-ssh    a shell on the lab box'
	@echo 'make lab-down   end the lab box'
	@echo 'make bench      what things cost, in seconds and remote commands'
	@echo 'make docs       write docs/settings.md and the pictures anew'
	@echo 'make venv       the virtual environment .venv, with pyinfra in it'
	@echo 'make clean      take away what make made in this checkout'
	@echo 'make clean-cache  end every lab box of yours and delete their images'

venv:
	@exec 9>.venv.lock; flock 9; [ "$$(cat .venv/made 2>/dev/null)" = '$(made)' ] || { \
	$(PYTHON) tests/lab/need.py venv && \
	echo '==> making the virtual environment .venv' && \
	$(PYTHON) -m venv --clear .venv && \
	$(bin)/python -m pip --disable-pip-version-check install -e '.[test]' && \
	echo '$(made)' >.venv/made; }

lab-needs: venv
	@$(PYTHON) tests/lab/need.py lab

lab: lab-needs
	@$(bin)/python -m tests.lab up
	$(bin)/pyinfra inventory.py deploy/mi50.py -y --data report_shown=false
	$(bin)/pytest -q tests/box --inventory inventory.py
	@$(bin)/python -m roles.report reports/lab.json

test: lab-needs
	@$(PYTHON) tests/lab/need.py test
	@$(bin)/python -m tests.run lint types unit faults lab

check: venv
	@$(bin)/python -m tests.run lint types unit faults

lab-ssh: venv
	@$(bin)/python -m tests.lab ssh

lab-down:
	@[ ! -x $(bin)/python ] || $(bin)/python -m tests.lab down

bench: lab-needs
	@$(PYTHON) tests/lab/need.py bench
	@$(bin)/python -m tests.bench

docs: lab
	@$(bin)/python -m tests.docs

clean: lab-down
	rm -rf .venv .venv.lock reports build *.egg-info .mypy_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

clean-cache: venv
	@$(bin)/python -m tests.lab forget
