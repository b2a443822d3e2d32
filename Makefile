# Kith's build: one file, no recursion into folders. Every variant lives in build/<variant>/ and
# they never touch each other's objects, so that switching costs nothing. `make help` lists the
# targets; `make V=1` shows the commands; CFLAGS and LDFLAGS of the caller come last and win.
#
#   release   gcc, hardened: what is installed          build/release/bin/kith-*
#   asan      gcc, AddressSanitizer and UBSan: the tests run on it
#   fuzz      clang, libFuzzer with both sanitizers
#   coverage  gcc with counters
#   strict    gcc and
#   clang     clang, compiled only, every warning an error: `make check`

SHELL := /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := release

# ---- What there is: a new file or folder needs no line here ----------------------------------

COMMON_C  := $(wildcard common/*/*.c)
SERVICES  := $(patsubst services/%/main.c,%,$(wildcard services/*/main.c))
SERVICE_C := $(foreach s,$(SERVICES),$(wildcard services/$s/*.c))
UNIT_C    := $(wildcard tests/unit/test_*.c)
HELPER_C  := $(wildcard tests/api/*.c tests/load/*.c)
FUZZ_C    := $(wildcard tests/fuzz/fuzz_*.c)
ALL_C     := $(COMMON_C) $(SERVICE_C) $(UNIT_C) $(HELPER_C) $(FUZZ_C)

# Generated C, included as "gen/...": name the outputs here and give the generator a rule; headers
# are made before anything is compiled, sources go into the library.
GEN_H :=
GEN_C :=

# pkg-config names of the libraries in use; their packages stand in deploy/local/install-packages.
# Asked for at the first compile, not while reading this: `make test` may have to install them.
PKGS := libevent_core
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)

# ---- Flags -----------------------------------------------------------------------------------

CPPFLAGS_ALL := -D_GNU_SOURCE -Icommon -Ibuild
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wformat=2 \
        -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition -Wpointer-arith -Wundef \
        -Wvla -Wwrite-strings -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference \
        -Wdouble-promotion -Werror=implicit -Werror=incompatible-pointer-types \
        -Werror=int-conversion -Werror=return-type -Werror=format-security $(if $(WERROR),-Werror)
WARN_GCC   := $(WARN) -Wformat-signedness -Wduplicated-cond -Wduplicated-branches -Wlogical-op
WARN_CLANG := $(WARN) -Wmissing-variable-declarations
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
          -fstack-clash-protection -fcf-protection=full -ftrivial-auto-var-init=zero
# Semantics, not hardening: the sanitizers' builds must run the same program.
SEMANTICS := -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing
SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

VARIANTS := release asan fuzz coverage strict clang

CC_release      := gcc
CFLAGS_release  := -std=gnu17 -O2 -g $(WARN_GCC) $(HARDEN) $(SEMANTICS) -fPIE
LDFLAGS_release := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed

CC_asan         := gcc
CFLAGS_asan     := -std=gnu17 -O1 -g $(WARN_GCC) -Wno-null-dereference $(SANITIZE)
LDFLAGS_asan    := -fsanitize=address,undefined -Wl,--as-needed

CC_fuzz         := clang
CFLAGS_fuzz     := -std=gnu17 -O1 -g $(WARN_CLANG) -fsanitize=fuzzer-no-link $(SANITIZE)
LDFLAGS_fuzz    := -fsanitize=fuzzer,address,undefined -Wl,--as-needed

CC_coverage     := gcc
CFLAGS_coverage := -std=gnu17 -O0 -g $(WARN_GCC) --coverage
LDFLAGS_coverage := --coverage -Wl,--as-needed

CC_strict       := gcc
CFLAGS_strict   := $(CFLAGS_release) -Werror
CC_clang        := clang
CFLAGS_clang    := -std=gnu17 -O2 $(WARN_CLANG) $(SEMANTICS) -Werror

# ---- Rules, once for each variant --------------------------------------------------------------

say  = @printf '  %-5s %s\n' $(1) $(2)
Q    = $(if $(V),,@)

define program # of variant $1: file $2, from the sources $3, with the extra libraries $4
build/$1/$2: $(patsubst %.c,build/$1/obj/%.o,$3) build/$1/libkith.a
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$Q$$(CC_$1) $$(LDFLAGS_$1) $$(LDFLAGS) -o $$@ $$^ $4 $$(PKG_LIBS)

endef

define variant # $1
build/$1/obj/%.o: %.c Makefile | $$(GEN_H)
	$$(call say,CC,$$<)
	@mkdir -p $$(@D)
	$$Q$$(CC_$1) $$(CPPFLAGS_ALL) $$(PKG_CFLAGS) $$(CFLAGS_$1) $$(CFLAGS) -MMD -MP -c $$< -o $$@

build/$1/libkith.a: $(patsubst %.c,build/$1/obj/%.o,$(COMMON_C) $(GEN_C))
	$$(call say,AR,$$@)
	@rm -f $$@
	$$Qar rcs $$@ $$^

$(foreach s,$(SERVICES),$(call program,$1,$(call service_bin,$s),$(wildcard services/$s/*.c)))
$(foreach c,$(UNIT_C),$(call program,$1,$(call test_bin,$c),$c,-lcmocka))
$(foreach c,$(HELPER_C) $(FUZZ_C),$(call program,$1,$(call test_bin,$c),$c))
endef

service_bin = bin/$(if $(filter cli,$1),kith,kith-$1)
test_bin    = tests/$(basename $(notdir $1))
services_of = build/$1/libkith.a $(foreach s,$(SERVICES),build/$1/$(call service_bin,$s))
units_of    = $(foreach c,$(UNIT_C),build/$1/$(call test_bin,$c))
helpers_of  = $(foreach c,$(HELPER_C),build/$1/$(call test_bin,$c))
FUZZERS    := $(foreach c,$(FUZZ_C),build/fuzz/$(call test_bin,$c))

$(foreach v,$(VARIANTS),$(eval $(call variant,$v)))
-include $(wildcard $(foreach v,$(VARIANTS),$(ALL_C:%.c=build/$v/obj/%.d) $(GEN_C:%.c=build/$v/obj/%.d)))

# ---- Targets -----------------------------------------------------------------------------------

# A second make, after the packages are there, as parallel as the caller says or the machine is.
SUBMAKE = @$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$$(nproc))
# Programs that come with a later stage: their targets fail rather than pretend.
LATER := run demo soak $(if $(wildcard tests/load/bench),,bench)

.PHONY: help release asan test check fuzz bench coverage clean run demo soak

release: $(call services_of,release) ## build the hardened programs (the default)

asan: $(call services_of,asan) $(call units_of,asan) $(call helpers_of,asan) ## build with AddressSanitizer and UBSan

run: ## a private Kith with the demo district (comes later)

test: ## install what is missing, build, run every test once
	@deploy/local/install-packages build test
	$(SUBMAKE) asan $(call services_of,release) $(call units_of,release) $(FUZZERS)
	@tests/run

demo: ## the main job from end to end, narrated (comes later)

bench: ## the load suite, as ratios to a reference run
ifneq ($(wildcard tests/load/bench),)
bench: $(call services_of,release) $(call helpers_of,release)
	@tests/load/bench
endif

soak: ## what is too long for every day (comes later)

fuzz: $(FUZZERS) ## fuzz each parser for FUZZ_SECONDS (600), two at a time
	@tests/fuzz/run $(or $(FUZZ_SECONDS),600) $(FUZZERS)

coverage: $(call services_of,coverage) $(call units_of,coverage) $(call helpers_of,coverage) ## what the tests reach: build/coverage/html/index.html
	@find build/coverage -name '*.gcda' -delete
	@tests/run --build build/coverage unit api
	@mkdir -p build/coverage/html
	@gcovr --root . --filter common/ --filter services/ --object-directory build/coverage \
	    --txt build/coverage/coverage.txt --html-details build/coverage/html/index.html
	@cat build/coverage/coverage.txt

clean: ## remove everything that was built
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(LATER):
	@echo "make $@: there is no program for this yet, it comes with a later stage" >&2; exit 1
