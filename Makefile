# Everything runs from here; each target sets up what it needs and says so. `make` alone lists the targets.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3.13
PORT ?= 4566
# Of `make local`, from the command line only: what the shell exports has no effect.
REGION = eu-west-1
BIN := .venv/bin
# Everything runs in an environment of its own, without your AWS settings (tools/isolation/environment.py). It has
# .venv/bin on the PATH, where sam and the layer's makefile find python3.13.
ISOLATED := $(BIN)/python -I -m isolation
# Its own settings are in the home directory, and `sam build` installs packages, with pip and its settings.
SAM := $(ISOLATED) --registry .venv-sam/bin/sam

.PHONY: help demo test test-streamctl test-journeys fuzz local consumer recovery lint wheel test-wheel build test-deploy simulate test-safeguards test-consumer bench check lock clean

help: ## Lists the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: .venv/ready ## Plays a workload with failures on this machine, recovers everything, audits it
	@$(ISOLATED) python -m demo

test: .venv/ready ## Runs the fast tests: all but those of the test-* targets (TESTS=: only these files)
	@$(ISOLATED) python -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(TESTS)

test-streamctl: .venv/ready ## Runs streamctl against a stack on the local endpoint
	@$(ISOLATED) python -m pytest -m operator tests/streamctl -n 2 --dist loadscope --no-loadscope-reorder

test-journeys: .venv/ready ## Plays the demo, releases, restarts and kills of whole processes
	@$(ISOLATED) python -m pytest -m journey tests/demo tests/isolation tests/journeys tests/local_aws/state tests/streamctl \
		-n 2 --dist loadscope --no-loadscope-reorder

fuzz: .venv/ready ## Fuzzes decoders, handlers and recovery deeper than the tests do (FUZZ=300: examples of each)
	@FUZZ_EXAMPLES=$(or $(FUZZ),300) $(ISOLATED) python -m pytest tests/fuzzing tests/changestream/recovery/test_time_travel.py \
		tests/contracts/test_fuzzing.py tests/contracts/test_one_rule.py tests/functions/*/test_fuzzing.py
	@FUZZ_EXAMPLES=$(or $(FUZZ),300) $(ISOLATED) python -m pytest tests/fuzzing/api_conformance.py

local: .venv/ready ## Brings the stack up on 127.0.0.1:PORT (4566), until Ctrl-C (REGION=: eu-west-1)
	@$(ISOLATED) python -m local_aws serve --port $(PORT) --region $(REGION) --parameter 'SearchEndpoint={endpoint}/_opensearch' --parameter SearchDomainName=local

consumer: .venv/ready ## Writes a new consumer (NAME=, KIND=newest|rows|tally|effect|window, FEED=changes|table)
	@$(ISOLATED) python -m scaffold --name '$(NAME)' --kind '$(KIND)' --feed '$(FEED)'

recovery: .venv/ready ## Derives recovery/template.yaml, recovery alone for other stacks, from template.yaml
	@$(ISOLATED) python -m recovery_template

lint: .venv/ready .venv-sam/ready .venv-checkov/ready ## Checks style, types and the template
	@$(MAKE) --no-print-directory --jobs=2 $(WHOLE_OUTPUTS) lint-types lint-style lint-template lint-security

# The parts of `make lint` have nothing in common: two run at a time. The output of each stays whole (GNU Make 4).
.PHONY: lint-types lint-style lint-template lint-security
WHOLE_OUTPUTS := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

lint-types:
	@$(ISOLATED) python -m mypy

lint-style:
	@$(ISOLATED) python -m ruff check
	@$(ISOLATED) python -m ruff format --check

lint-template:
	@$(SAM) validate --lint --region eu-west-1
	@$(SAM) validate --lint --region eu-west-1 --template recovery/template.yaml
	@$(SAM) validate --lint --region eu-west-1 --template examples/orders_python/template.yaml
	@$(SAM) validate --lint --region eu-west-1 --template examples/payments_node/template.yaml
	@$(ISOLATED) .venv-sam/bin/cfn-lint --append-rules cfn_lint_serverless.rules -- template.yaml recovery/template.yaml
	@$(ISOLATED) .venv-sam/bin/cfn-lint -- examples/*/template.yaml
	@$(ISOLATED) python -m streamctl lint template.yaml
	@$(ISOLATED) python -m streamctl lint recovery/template.yaml
	@$(ISOLATED) python -m streamctl lint examples/orders_python/template.yaml
	@$(ISOLATED) python -m streamctl lint examples/payments_node/template.yaml

lint-security:
	@mkdir -p .aws-sam
	@$(ISOLATED) python -m sam_templates template.yaml > .aws-sam/expanded.json # checkov knows no loops and would pass over them
	@$(ISOLATED) python -m sam_templates recovery/template.yaml > .aws-sam/expanded-recovery.json
	@$(ISOLATED) .venv-checkov/bin/checkov --config-file .checkov.yaml

wheel: .venv/ready .venv-wheel/ready ## Builds streamctl as a wheel, in dist/
	@rm -rf dist
	@cd packages/streamctl && $(CURDIR)/$(ISOLATED) $(CURDIR)/.venv-wheel/bin/hatchling build --target wheel --directory $(CURDIR)/dist

test-wheel: wheel ## Installs the wheel with pipx in a folder elsewhere, and compares its answers with the checkout's
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && sed -nE 's/^([^ ]+==[^ ]+).*/\1/p' requirements-dev.txt > "$$folder/locked.txt" && \
		$(ISOLATED) --registry env PIPX_HOME="$$folder/home" PIPX_BIN_DIR="$$folder/bin" PIPX_MAN_DIR="$$folder/man" \
		PIPX_DEFAULT_PYTHON="$$(command -v $(PYTHON))" \
		.venv-wheel/bin/pipx install --quiet --pip-args="--constraint=$$folder/locked.txt" dist/*.whl && \
		PYTEST_INSTALLED="$$folder/bin/streamctl" $(ISOLATED) python -m pytest -m wheel tests/streamctl/test_wheel.py

build: .venv/ready .venv-sam/ready ## Builds functions and layer into .aws-sam, also recovery alone and the Python example
	@$(SAM) build
	@$(SAM) build --template recovery/template.yaml --build-dir .aws-sam/recovery
	@$(SAM) build --template examples/orders_python/template.yaml --build-dir .aws-sam/orders

test-deploy: build .venv-emulator/ready ## Runs the built functions under AWS's emulator, deploys the stacks to emulators
	@$(ISOLATED) python -m pytest -m deploy tests/deploy tests/examples

simulate: .venv/ready ## Plays seeds in virtual time, with faults, and checks every guarantee (SEED=, SEEDS=, CHANGES=)
	@$(ISOLATED) python -m simulation $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(CHANGES),--changes $(CHANGES))

test-safeguards: .venv/ready ## Takes safeguards away one by one, and sees the simulation find each
	@$(ISOLATED) python -m pytest -m safeguards tests/simulation -n 2

test-consumer: .venv/ready ## Writes a consumer of each kind in a copy of the project, and tests them there
	@$(ISOLATED) python -m pytest -m scaffold tests/scaffold -n 2 --dist worksteal

bench: .venv/ready .venv-emulator/ready ## Measures speed, as ratios in one run (BENCH=--quick: that it works)
	@$(ISOLATED) python -m bench $(BENCH)

check: lint test test-streamctl test-journeys test-wheel build test-deploy simulate test-safeguards test-consumer demo ## All of it, as CI does

lock: ## Locks the requirements anew (needs uv)
	uv pip compile $(LOCK) layers/changestream/requirements.in --output-file layers/changestream/requirements.txt \
		$(addprefix --no-emit-package ,botocore python-dateutil six urllib3)
	uv pip compile $(LOCK) requirements-dev.in --output-file requirements-dev.txt \
		$(addprefix --no-emit-package ,jsonconversion numpy) # of amazon.ion's JSON encoder, which nobody imports
	uv pip compile $(LOCK) requirements-sam.in --output-file requirements-sam.txt
	uv pip compile $(LOCK) requirements-checkov.in --output-file requirements-checkov.txt
	uv pip compile $(LOCK) requirements-emulator.in --output-file requirements-emulator.txt
	uv pip compile $(LOCK) requirements-wheel.in --output-file requirements-wheel.txt

LOCK := --quiet --python-version 3.13 --generate-hashes --no-header --no-emit-index-url

clean: ## Removes what the targets made
	rm -rf .venv .venv-sam .venv-checkov .venv-emulator .venv-wheel dist .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find functions layers tests tools -name __pycache__ -prune -exec rm -rf {} +

# Environments ------------------------------------------------------------------------------------------------------------
# `ready` is touched last: an installation that was interrupted starts over. sam, checkov and ministack pin what the project uses
# in other versions, so each has an environment of its own.

.venv/ready: requirements-dev.txt
	@$(call environment,.venv,requirements-dev.txt,the project's requirements)
	@printf '%s\n' ../../../.. ../../../../tools ../../../../layers/changestream \
		> .venv/lib/python3.13/site-packages/changestream.pth
	@ln -sf ../../tools/streamctl/start.sh .venv/bin/streamctl
	@touch $@

.venv-sam/ready: requirements-sam.txt
	@$(call environment,.venv-sam,requirements-sam.txt,the SAM CLI)
	@touch $@

.venv-checkov/ready: requirements-checkov.txt
	@$(call environment,.venv-checkov,requirements-checkov.txt,checkov)
	@touch $@

.venv-emulator/ready: requirements-emulator.txt
	@$(call environment,.venv-emulator,requirements-emulator.txt,ministack)
	@touch $@

.venv-wheel/ready: requirements-wheel.txt
	@$(call environment,.venv-wheel,requirements-wheel.txt,the build of the wheel)
	@touch $@

define environment
$(if $(shell $(PYTHON) -c 'import sys; print(sys.version_info[:2] == (3, 13) or "")' 2>/dev/null),,$(error Python 3.13 is missing: \
install it (for example: pyenv install 3.13), or name it: make PYTHON=/path/to/python3.13))\
echo "Setting up $(1): $(3), from $(2). Once; takes up to a minute."; \
$(PYTHON) -m venv --clear $(1) && $(1)/bin/python tools/install.py $(2)
endef
