# The verbs of the book; `make help` lists them. Each creates the environment first where it is missing or out of date.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help book test check notebooks cards pdf lab serve bench mutants screenshot lock clean

# Kernels come from the environment, not from a home folder that may hold another `python3`.
export JUPYTER_PREFER_ENV_PATH := 1

# Many small products on several cores at once: threads of one would only wait for those of another.
export OPENBLAS_NUM_THREADS := 1

help: ## list the verbs
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
		|| sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1   \2/p' $(MAKEFILE_LIST)

book: $(READY) ## check every formula, then build the site into _build/site: zh, en, bi
	@$(BIN)/python tools/prove.py
	@$(BIN)/python tools/site.py

test: $(READY) ## prove the book: tests, and every notebook cell against its stored output
	@$(BIN)/python -m pytest -rs -p no:nbval -n auto --dist loadscope --no-loadscope-reorder -m "not exhaustive" --cov=notesrc tests
	@$(BIN)/python -m pytest -p tests.notebooks.alone -n auto --dist loadscope --nbval --nbval-current-env chapters

check: $(READY) ## go through the whole site in Chromium: every page, cards, figures, cheat sheets, PDF, axe-core, weight; takes minutes
	@$(BIN)/python -m pytest -rs -p no:nbval -n auto --dist loadscope --no-loadscope-reorder -m exhaustive tests/browser

notebooks: $(READY) ## run every notebook again and store its outputs
	@$(BIN)/python tools/notebooks.py

cards: $(READY) ## check the flashcards, and note in cards/lock.yml which of them changed
	@$(BIN)/python -m tools.cards lock

lab: $(READY) ## open the chapters in JupyterLab
	@$(BIN)/python -m jupyterlab --notebook-dir chapters $(if $(filter 0,$(shell id -u)),--allow-root)

serve: book ## build the site and serve it on http://localhost:8000
	@$(BIN)/python -m http.server --directory _build/site --bind localhost 8000

bench: book ## measure the builds, the pages, the cards and the kernels
	@$(BIN)/python -m benchmarks.build
	@$(BIN)/python -m benchmarks.page
	@$(BIN)/python -m benchmarks.cards
	@$(BIN)/python -m benchmarks.kernels

mutants: $(READY) ## break notesrc in a thousand ways: tests/formulas must notice, or tests/mutants.md say why not
	@$(BIN)/python -m pip install --quiet mutmut==3.8.1  # the names in tests/mutants.md are those of this version
	@rm -rf _build/mutation && mkdir -p _build/mutation && cp -R chapters notesrc proof tests pyproject.toml _build/mutation
	@cd _build/mutation && $(abspath $(BIN))/mutmut run
	@$(BIN)/python tools/mutants.py

pdf: book ## the cheat sheets and the whole book as PDF, into _build/pdf; needs Chromium
	@$(BIN)/python -m tools.pdf

screenshot: book ## take the picture of the README from the built site
	@$(BIN)/python -m tools.screenshot

lock: $(READY) ## pin requirements.in and all that it needs, for every supported Python
	@$(BIN)/python -m pip install --quiet uv==0.13.8
	@$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --no-header \
		--no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt

clean: ## remove what was built; the environment stays
	rm -rf _build

# The stamp is written last, so that an interrupted installation is taken up again. Installed as "compat", the whole clone can
# be imported, so that a notebook in any folder finds the flashcards.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("The book needs Python 3.11 to 3.13; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	@echo "Preparing $(VENV): installing the pinned requirements (a minute or two, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@
