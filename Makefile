# Kith's build: one file, no recursion into folders. Every variant lives in build/<variant>/ and
# they never touch each other's objects, so that switching costs nothing. `make help` lists the
# targets; `make V=1` shows the commands; CFLAGS and LDFLAGS of the caller come last and win.
#
#   release         gcc, hardened: what is installed
#   asan            gcc, AddressSanitizer and UBSan: the tests run on it
#   fuzz            clang, libFuzzer with both sanitizers
#   coverage        gcc with counters
#   strict, clang   gcc and clang, compiled only, every warning an error: `make check`

SHELL := /bin/bash
.DEFAULT_GOAL := release
.DELETE_ON_ERROR:
.SUFFIXES:

# ---- What there is: a new file or folder needs no line here ----------------------------------

COMMON_C  := $(wildcard common/*/*.c)
SERVICES  := $(patsubst services/%/main.c,%,$(wildcard services/*/main.c))
service_c  = $(wildcard services/$1/*.c services/$1/*/*.c)
SERVICE_C := $(foreach s,$(SERVICES),$(call service_c,$s))
UNIT_C    := $(wildcard tests/unit/test_*.c)
FAKE_C    := $(wildcard tests/unit/fake_*.c)
PRELOAD_C := $(wildcard tests/jobs/preload_*.c)
HELPER_C  := $(filter-out $(PRELOAD_C),$(wildcard tests/api/*.c tests/jobs/*.c tests/load/*.c tests/load/*/*.c))
FUZZ_C    := $(wildcard tests/fuzz/fuzz_*.c)
ALL_C     := $(COMMON_C) $(SERVICE_C) $(UNIT_C) $(FAKE_C) $(HELPER_C) $(PRELOAD_C) $(FUZZ_C)

# Generated C, included as "gen/...": name the outputs here and give the generator a rule; headers
# are made before anything is compiled, sources go into the library.
SQL_GEN_C  := build/gen/stmt.c build/gen/sql_files.c build/gen/life_cycles.c
PAGE_GEN_C := build/gen/templates.c
GEN_C := $(SQL_GEN_C) $(PAGE_GEN_C)
GEN_H := $(GEN_C:.c=.h)
GEN_WORDS := build/gen/common_passwords.h

# pkg-config names of the libraries in use; their packages stand in deploy/local/install-packages.
# Asked for at the first compile, not while reading this: `make test` may have to install them.
PKGS := libevent_core libevent_extra hiredis jansson libpq libsodium libcurl libcrypto libical xlsxwriter
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)) -lcsv -lglpk -lm -lresolv)$(PKG_LIBS) # they have no .pc

# ---- Flags -----------------------------------------------------------------------------------

CPPFLAGS_ALL := -D_GNU_SOURCE -Icommon -Ibuild
# A service's rooms see what stands at its top.
own_headers = $(if $(filter services/%,$1),-I$(subst $() ,/,$(wordlist 1,2,$(subst /, ,$1))))
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wformat=2 \
        -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition -Wpointer-arith -Wundef \
        -Wvla -Wwrite-strings -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference \
        -Wdouble-promotion -Wno-missing-field-initializers -Werror=implicit -Werror=incompatible-pointer-types \
        -Werror=int-conversion -Werror=return-type -Werror=format-security $(if $(WERROR),-Werror)
WARN_GCC   := $(WARN) -Wformat-signedness -Wduplicated-cond -Wduplicated-branches -Wlogical-op
WARN_CLANG := $(WARN) -Wmissing-variable-declarations
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
          -fstack-clash-protection -fcf-protection=full -ftrivial-auto-var-init=zero \
          -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing -fPIE
# None of these with the sanitizers: they would hide, or define, what those look for.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

VARIANTS := release asan fuzz coverage strict clang

CC_release      := gcc
CFLAGS_release  := -std=gnu17 -O2 -g $(WARN_GCC) $(HARDEN)
LDFLAGS_release := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed

CC_asan         := gcc
CFLAGS_asan     := -std=gnu17 -O1 -g $(WARN_GCC) -Wno-null-dereference $(SANITIZE)
LDFLAGS_asan    := -fsanitize=address,undefined -Wl,--as-needed

CC_fuzz         := clang
CFLAGS_fuzz     := -std=gnu17 -O1 -g $(WARN_CLANG) -fsanitize=fuzzer-no-link $(SANITIZE)
LDFLAGS_fuzz    := -fsanitize=fuzzer,address,undefined -Wl,--as-needed

CC_coverage      := gcc
CFLAGS_coverage  := -std=gnu17 -O0 -g $(WARN_GCC) --coverage
LDFLAGS_coverage := --coverage -Wl,--as-needed

CC_strict       := gcc
CFLAGS_strict   := $(CFLAGS_release) -Werror
CC_clang        := clang
CFLAGS_clang    := -std=gnu17 -O2 $(WARN_CLANG) -Werror

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
build/$1/obj/%.o: %.c Makefile | $$(GEN_H) $$(GEN_WORDS)
	$$(call say,CC,$$<)
	@mkdir -p $$(@D)
	$$Q$$(CC_$1) $$(CPPFLAGS_ALL) $$(call own_headers,$$<) $$(PKG_CFLAGS) $$(CFLAGS_$1) $$(CFLAGS) -MMD -MP -c $$< -o $$@

build/$1/libkith.a: $(patsubst %.c,build/$1/obj/%.o,$(COMMON_C) $(GEN_C))
	$$(call say,AR,$$@)
	@rm -f $$@
	$$Qar rcs $$@ $$^

$(foreach s,$(SERVICES),$(call program,$1,$(call service_bin,$s),$(call service_c,$s)))
$(foreach c,$(UNIT_C),$(call program,$1,$(call test_bin,$c),$c $(call fakes_of,$c),-lcmocka))
$(foreach c,$(HELPER_C) $(FUZZ_C),$(call program,$1,$(call test_bin,$c),$c))

# Loaded before what the program was linked with, and so without sanitizers.
build/$1/tests/preload_%.so: tests/jobs/preload_%.c Makefile
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$Q$$(CC_$1) $$(CPPFLAGS_ALL) -std=gnu17 -O2 -g $$(WARN) -fPIC -shared $$< -o $$@
endef

# A fake takes the place of a library, and so it goes only into the programs that are named here.
fakes_of    = $(if $(filter tests/unit/test_db_pool.c,$1),tests/unit/fake_pq.c)
service_bin = bin/$(if $(filter cli,$1),kith,kith-$1)
test_bin    = tests/$(basename $(notdir $1))
services_of = build/$1/libkith.a $(foreach s,$(SERVICES),build/$1/$(call service_bin,$s))
units_of    = $(foreach c,$(UNIT_C),build/$1/$(call test_bin,$c))
helpers_of  = $(foreach c,$(HELPER_C),build/$1/$(call test_bin,$c)) \
              $(foreach c,$(PRELOAD_C),build/$1/$(call test_bin,$c).so)
everything_of = $(call services_of,$1) $(call units_of,$1) $(call helpers_of,$1)
FUZZERS    := $(foreach c,$(FUZZ_C),build/fuzz/$(call test_bin,$c))

$(foreach v,$(VARIANTS),$(eval $(call variant,$v)))
-include $(wildcard $(foreach v,$(VARIANTS),$(patsubst %.c,build/$v/obj/%.d,$(ALL_C) $(GEN_C))))

# The folders too, as a file may go away. A header that says the same keeps its time, so that a
# statement's new text compiles one file and not every service.
$(SQL_GEN_C) &: sql/generate $(wildcard sql/queries sql/migrations sql/functions sql/*/*.sql)
	$(call say,GEN,build/gen)
	$Qsql/generate sql build/gen

$(PAGE_GEN_C): common/template/generate common/template/blocks.py $(wildcard $(foreach f,pages templates,services/*/$f services/*/$f/*))
	$(call say,GEN,$@)
	$Qcommon/template/generate services $(@D)

$(GEN_H): $(GEN_C)
	@:

# A row for each word of the list.
$(GEN_WORDS): services/api/common_passwords.txt
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$Qsed -n 's/^[^#].*/    "&",/p' $< > $@

# ---- The web app: built of the API's own document, by whatever Node.js there is ------------------

WEB      := build/web/dist/index.html
WEB_FROM := $(wildcard services/web/* services/web/build/* services/web/src/* services/web/src/*/*)

# The same document keeps its time.
build/web/openapi.json: build/release/bin/kith-api
	@mkdir -p $(@D)
	@$< --openapi >$@.new; if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

services/web/node_modules/.package-lock.json: services/web/package-lock.json
	$(call say,NPM,$(@D))
	@cd services/web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(WEB): build/web/openapi.json services/web/node_modules/.package-lock.json $(filter-out %/gen %/gen/% %/node_modules,$(WEB_FROM))
	$(call say,WEB,$(@D))
	@cd services/web && npm run --silent build

# ---- Checks: each prints only what is wrong -----------------------------------------------------

CHECKS     := check-format check-gcc check-clang check-tidy check-cppcheck check-lints check-shell
PRODUCT_C  := $(COMMON_C) $(SERVICE_C)

.PHONY: $(CHECKS)

check-format:
	@clang-format --dry-run -Werror $(ALL_C) $(wildcard common/*/*.h services/*/*.h services/*/*/*.h tests/*/*.h)

check-gcc: $(ALL_C:%.c=build/strict/obj/%.o)
check-clang: $(ALL_C:%.c=build/clang/obj/%.o)
check-tidy: $(PRODUCT_C:%.c=build/clang/obj/%.tidy)

# Beside clang's object, so that a file is looked at again when what it includes has changed.
build/clang/obj/%.tidy: %.c build/clang/obj/%.o .clang-tidy
	$(call say,TIDY,$<)
	@clang-tidy --quiet $< -- $(CPPFLAGS_ALL) $(call own_headers,$<) $(PKG_CFLAGS) -std=gnu17 2>/dev/null
	@touch $@

check-cppcheck:
	@mkdir -p build/cppcheck
	@cppcheck --quiet --error-exitcode=1 --enable=warning,portability,performance --std=c11 \
	    --inline-suppr --cppcheck-build-dir=build/cppcheck $(CPPFLAGS_ALL) $(SERVICES:%=-Iservices/%) $(PRODUCT_C)

check-lints:
	@tests/lint/selftest
	@for l in layers banned sizes paths statements capabilities life_cycles; do tests/lint/$$l || bad=1; done; exit $${bad:-0}

check-shell: # scripts are told by their first line, as they carry no suffix
	@grep -lrIZE '^#!/bin/(ba)?sh' .ci deploy tests | xargs -0 shellcheck

# ---- Targets -----------------------------------------------------------------------------------

# A second make, after the packages are there, as parallel as the caller says or the machine is.
SUBMAKE = +@$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$$(nproc))

.PHONY: release web asan run test test-compose demo screenshots bench check fuzz soak coverage clean help

release: $(call services_of,release) ## build the hardened programs (the default)

web: $(WEB) ## build the web app

run: ## a private Kith with the demo district, until Ctrl-C
	@deploy/local/install-packages build web serve
	$(SUBMAKE) release web
	@exec deploy/local/run

test: ## install what is missing, build, run every test once
	@deploy/local/install-packages build web serve test
	$(SUBMAKE) asan web $(call services_of,release) $(call units_of,release) $(FUZZERS)
	@tests/run

demo: ## the main job from end to end, told and verified
	@deploy/local/install-packages build serve
	$(SUBMAKE) release
	@deploy/demo/tell

screenshots: ## each screen, page and mail, desk and phone, light and dark: build/screenshots
	@deploy/local/install-packages build web serve test
	$(SUBMAKE) release web build/release/tests/letter_probe
	@tests/browser/screenshots

bench: $(WEB) $(call services_of,release) $(call helpers_of,release) ## the load suite, as ratios to a reference run
	@deploy/local/install-packages build web serve test bench
	@tests/load/bench

test-compose: ## the Compose file on a real Docker engine, from a clean copy to its end
	@tests/compose/run

check: ## formatting, warnings as errors, static analysis and lints
	@deploy/local/install-packages build check
	$(SUBMAKE) -k --output-sync=target $(CHECKS)

asan: $(call everything_of,asan) ## build with AddressSanitizer and UBSan

fuzz: $(FUZZERS) ## fuzz each parser for FUZZ_SECONDS (600), two at a time
	@tests/fuzz/run $(or $(FUZZ_SECONDS),600) $(FUZZERS)

soak: ## what is too long for every day: 80 minutes, seeds printed
	@deploy/local/install-packages build serve test
	$(SUBMAKE) asan $(call services_of,release) $(FUZZERS)
	@tests/soak

coverage: $(call everything_of,coverage) ## what the tests reach: build/coverage/html/index.html
	@mkdir -p build/coverage/html; find build/coverage -name '*.gcda' -delete
	@tests/run --build build/coverage unit api
	@gcovr --root . --filter common/ --filter services/ --object-directory build/coverage \
	    --txt build/coverage/coverage.txt --html-details build/coverage/html/index.html
	@cat build/coverage/coverage.txt

clean: ## remove everything that was built
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
