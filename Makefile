# SPDX-License-Identifier: Apache-2.0
# A thin front for CMake: each target sets up what it needs.
.PHONY: all setup build demo libraries test lint bench install clean
all: build

setup:
	@tools/setup.sh

build: setup
	@cmake --preset release >/dev/null
	@cmake --build --preset release

demo: build
	@python3 tools/demo.py

# What Rust, Go, Cython, OpenSSL and C runtimes put into programs, into the default store (STORE=PATH for another).
libraries: build
	@tools/libraries.sh $(STORE)

test: setup
	@tools/run_tests.sh

lint:
	@tools/setup.sh lint
	@tools/lint.sh

bench: build
	@bench/run.sh

install: build
	@cmake --install build/release

clean:
	@rm -rf build
