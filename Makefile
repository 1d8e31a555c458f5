# `make help` lists what there is. The logic is in scripts/ and in `manage.py`.
PORT ?= 8000
PYTHON := .venv/bin/python
MANAGE := $(PYTHON) manage.py
PYTEST := $(MANAGE) with_cluster $(PYTHON) -m pytest

.DEFAULT_GOAL := help
.PHONY: help demo test check trial bench clean upgrade lock fake-osm

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: ## install what is missing and run the whole on http://127.0.0.1:8000 (PORT=8123 for another)
	@DEMO=1 scripts/install demo
	@DEMO=1 exec setpriv --pdeathsig TERM $(MANAGE) up --port $(PORT)

test: ## install what the tests need, check, and run all tests
	@scripts/install test
	@scripts/check
	@$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -m "not trial and not benchmark" -q -rR

check: ## lint, types, import rules, migrations, front-end budgets and unit tests
	@scripts/install test
	@scripts/check

trial: ## run the long trials in full and write docs/trials.md
	@scripts/install test
	@scripts/report trial docs/trials.md

bench: ## measure the ratios and write docs/benchmarks.md
	@scripts/install test
	@scripts/report benchmark docs/benchmarks.md

fake-osm: ## a fake OpenStreetMap API to try edits on (PORT=8765)
	@scripts/install test
	@$(PYTHON) -m tests.fake_osm.server --port $(if $(filter file,$(origin PORT)),8765,$(PORT))

upgrade: ## back up, migrate, restart, or go back (ENVIRONMENT=FILE in production)
	@set -a; if [ -n "$(ENVIRONMENT)" ]; then . "$(ENVIRONMENT)"; fi; set +a; \
	  scripts/install demo && $(MANAGE) upgrade

lock: ## make the locks of the Python packages anew
	@scripts/lock

clean: ## remove what was built and the demo's data
	@scripts/clean
