# Thin on purpose: Meson builds. `make run` and `make test` also install what a fresh Debian 12 machine lacks.

BUILD ?= build

PACKAGES = gcc libc6-dev meson ninja-build pkg-config gettext \
  libgtk-4-dev libcairo2-dev libgdk-pixbuf-2.0-dev libglib2.0-dev \
  libopenblas-pthread-dev libpng-dev zlib1g-dev libjson-c-dev \
  librsvg2-common adwaita-icon-theme fonts-cantarell libxml2-utils
TEST_PACKAGES = $(PACKAGES) xvfb xauth dbus xdotool python3 python3-torch libglib2.0-bin \
  dataset-fashion-mnist tuxpaint-stamps-default

.PHONY: all run test packages test-packages

all: packages $(BUILD)/build.ninja
	ninja -C $(BUILD) app/kindred app/kindred-cli

# The main job on the built-in set: in a window where there is a display, else on the terminal with a report.
run: all
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	  exec $(BUILD)/app/kindred --play; \
	fi; \
	stamp=runs/$$(date +%Y%m%d-%H%M%S); \
	echo "No display: training on the terminal. The run and its report will be in $$stamp."; \
	exec $(BUILD)/app/kindred-cli train --dataset shapes --out $$stamp --report $$stamp/report

# Every suite: plain, under the address and undefined-behaviour sanitizers, and the threaded ones under ThreadSanitizer.
test: test-packages
	python3 tests/tools/run-tests.py

packages:
	@sh resources/install-packages.sh $(PACKAGES)

test-packages:
	@sh resources/install-packages.sh $(TEST_PACKAGES)

$(BUILD)/build.ninja:
	meson setup $(BUILD)
