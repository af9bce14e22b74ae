# The commands around the engine's own. Each installs what it needs first.
export STACK ?= dev
PYTHON ?= python3
RUN = @$(PYTHON) tools/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: up preview check metrics env rotate snapshot restore drill down shellenv test reference help

up:       ## Make the stack's Redis what its config says
preview:  ## Show what 'make up' would change
check:    ## Check the running Redis; ARGS="ping cache --json" chooses checks and form
metrics:  ## Read and judge its metrics; ARGS="--every 60", --json, --openmetrics, --cloudwatch
env:      ## Write the application's environment to .env.STACK; ARGS=--show prints it
rotate:   ## Change the password; on ElastiCache run it again to retire the old one
snapshot: ## Take a snapshot of the stack's data and list those that exist
restore:  ## Restore ARGS=SNAPSHOT beside the stack's Redis and say how to switch
drill:    ## Rehearse a recovery: snapshot, restore, compare, remove; report the times
down:     ## Destroy the stack's Redis (asks first, but for dev)
shellenv: ## Print what a shell needs to run pulumi: eval "$$(make -s shellenv)"

up preview check metrics env rotate snapshot restore drill down shellenv:
	$(RUN) python -m tools $@ $(ARGS)

test:     ## Lint, check the types and run all tests
	$(RUN) python -m tools setup
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) python -m tools actionlint
	$(RUN) pytest $(ARGS)

reference: ## Write CONFIG.md anew, after a change of the settings
	$(RUN) python -m tools reference

help:     ## Show this
	@sed -n 's/^\([a-z]*\): *## \(.*\)/  make \1|\2/p' Makefile | sed 's/\$$\$$/$$/' | column -t -s '|'
	@echo '  Each takes STACK=name; the default is dev.'
