# The two commands of a newcomer are `make book` and `make test`.
# Everything runs in .venv by relative paths, so that a folder name with a
# space in it, GNU make 3.81 and BSD tools are all good enough.

PY := .venv/bin/python
SERVE ?= 1

# What somebody set for other projects would lead Python to other modules.
unexport PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONSTARTUP PYTHONUSERBASE PYTHONINSPECT

.PHONY: help book lab test stress test-lowest test-frameworks refresh refresh-frameworks bundle portable portable-arm lint \
	coverage bench lighthouse firefox lock check-lock clean venv venv-tests

help:
	@echo 'make book             build the book and serve it on this machine (SERVE=0: only build)'
	@echo 'make lab              open the chapters in JupyterLab'
	@echo 'make test             run every test there is (ARGS="tests/unit -x": only some; JOBS=1: one after another)'
	@echo 'make stress           fifty runs, on busy cores, of the tests with a time or a process in them (TIMES=5)'
	@echo 'make test-lowest      the tests of the library with the lowest versions that pyproject.toml allows'
	@echo 'make test-frameworks  test the chapter on Keras and PyTorch (.venv-frameworks: about 3 GB, once)'
	@echo 'make refresh          run the notebooks again and store their outputs (NB=chapters/x.ipynb: only one)'
	@echo 'make bundle           bundle the interactives again, after a change of their JavaScript or CSS'
	@echo 'make portable         are the stored outputs those of another processor, too? (NB as above)'
	@echo 'make portable-arm     the same on an emulated 64-bit Arm processor, for the core and two chapters (slow)'
	@echo 'make lint             check the style of the code'
	@echo 'make coverage         how much of nnlib the unit tests reach'
	@echo 'make bench            measure nnlib against its peers (half an hour; leave the machine alone)'
	@echo 'make lighthouse       what Lighthouse says of the built pages (needs npm and Chromium)'
	@echo 'make firefox          work every figure of the built pages in Firefox (needs Firefox)'
	@echo 'make lock             write the versions now in .venv to constraints.txt'
	@echo 'make check-lock       does every pinned version suit every Python of the README? (installs nothing)'
	@echo 'make clean            remove what was built (but not .venv)'

# ---- environments: made once, and again when a requirement changes ----

venv:
	@sh tools/environment.sh book

venv-tests:
	@sh tools/environment.sh test

# ---- the book ----

book: venv
	$(PY) -m tools.build
ifneq ($(SERVE),0)
	@$(PY) -m tools.serve _build/html
endif

# By way of `venv`: in a folder that was renamed, .venv/bin/jupyter finds its Python no more.
lab: venv
	$(PY) -m jupyterlab chapters $(ARGS)

refresh: venv
	$(PY) -m tools.refresh $(NB)

# esbuild comes from npm: npm install --no-package-lock --prefix tests/widgets
bundle:
	npm run --silent --prefix tests/widgets bundle

# ---- tests ----

# Two processes share the tests, which takes little more than half the time; a notebook's cells
# stay together. More than two fight over the cores: each has a browser or a kernel beside it.
JOBS ?= 2
test: venv-tests
	$(PY) -m pytest $(if $(filter-out 1,$(JOBS)),-n $(JOBS) --dist loadscope) $(ARGS)

# A test that fails once in fifty runs on a busy machine is a fault of the test or of the code.
TIMES ?= 50
stress: venv-tests
	$(PY) -m tools.stress --times $(TIMES) $(ARGS)

# In an environment of its own, .venv-lowest.
test-lowest: venv-tests
	$(PY) -m tools.lowest $(ARGS)

# The one chapter that needs TensorFlow and PyTorch, in .venv-frameworks.
test-frameworks: venv-tests
	$(PY) -m tools.frameworks $(ARGS)

refresh-frameworks: venv
	$(PY) -m tools.frameworks --refresh

coverage: venv-tests
	$(PY) -m pytest tests/unit tests/widgets --cov --cov-report=term-missing $(ARGS)

# Under every arithmetic that this processor can pretend, as a table (ARGS=--list: which).
portable: venv-tests
	$(PY) -m tools.portable $(NB) $(ARGS)

# The same on a 64-bit Arm processor, emulated by qemu (slow; needs Debian and qemu-user-static).
portable-arm: venv-tests
	sh tools/arm.sh $(NB)

lint: venv-tests
	$(PY) -m ruff check .

# PyTorch is compared too where it is there: pip install -r benchmarks/requirements.txt
bench: venv-tests
	$(PY) -m benchmarks $(ARGS)

lighthouse: venv
	$(PY) -m tools.build
	$(PY) -m tools.lighthouse $(ARGS)

firefox: venv-tests
	$(PY) -m tools.build
	$(PY) -m tools.firefox $(ARGS)

# ---- chores ----

lock: venv-tests
	$(PY) -m tools.lock

check-lock: venv
	$(PY) -m tools.lock --resolve

clean:
	rm -rf _build build *.egg-info
