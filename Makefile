# threadmem: built with PGXS against any installed PostgreSQL 15 or later.
#
#   make                  build, then check the library for clashing symbols
#   make install          into the server that PG_CONFIG names
#   make installcheck     run the tests against that (running) server
#   make strict           build with every warning an error and Assert() armed
#   make asan             build with AddressSanitizer and UBSan, for THREADMEM_ASAN=1 (docs/development.md)
#   make lint             what the sources must be, as text (test/lint)
#   make format           give them the form of .clang-format
#   make clients          write anew what clients/python and clients/node have from the catalog (clients/generate)
#   make coverage         lines that the tests reach, in a private server (test/coverage)
#   make dist             the archives of a release, of what is committed

EXTENSION = threadmem
MODULE_big = threadmem
# Not VERSION: that name is the server's in PGXS.
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" threadmem.control)

OBJS := $(patsubst %.c,%.o,$(sort $(wildcard src/*/*.c)))

# The install script is the concatenation of the numbered parts; frozen scripts
# of released versions and upgrade scripts lie beside them under their own names.
PARTS := $(sort $(wildcard sql/[0-9][0-9]_*.sql))
SCRIPT = threadmem--$(EXTVERSION).sql
DATA := $(filter-out sql/$(SCRIPT),$(wildcard sql/threadmem--*.sql))
DATA_built = $(SCRIPT)

PKG_CONFIG ?= pkg-config
PG_CPPFLAGS = -Isrc -DTHREADMEM_VERSION='"$(EXTVERSION)"' $(shell $(PKG_CONFIG) --cflags jansson)

# Not -fvisibility=hidden: PostgreSQL 15 exports neither the magic block nor the
# SQL-callable functions by itself. Their names begin with threadmem_.
# Other linkers than Linux's have no such file, and there a library's symbols do not mix with the server's.
LINK_linux = -Wl,--version-script=threadmem.exports
SHLIB_LINK = $(shell $(PKG_CONFIG) --libs jansson) $(LINK_$(PORTNAME))

# -MMD stands here and not in PG_CPPFLAGS: the bitcode compiler gets those too
# and would overwrite the .d files.
PG_CFLAGS = -Werror=implicit-function-declaration -MMD -MP
ifdef STRICT
PG_CFLAGS += -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -Wshadow -Wstrict-prototypes -DUSE_ASSERT_CHECKING
endif

# pg_regress finds expected/ and writes results/ at the top for both suites, so
# a spec is named <room>_<case>, never like a regression test.
tests := $(sort $(basename $(notdir $(wildcard test/sql/*.sql))))
REGRESS := $(strip $(filter threadmem,$(tests)) $(filter-out threadmem,$(tests)))
REGRESS_OPTS = --inputdir=test --load-extension=threadmem
ISOLATION := $(sort $(basename $(notdir $(wildcard test/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test --outputdir=. --load-extension=threadmem
ifneq ($(wildcard test/t/*.pl),)
TAP_TESTS = 1
PROVE_TESTS = test/t/*.pl
endif

EXTRA_CLEAN = threadmem--*.sql src/*/*.o src/*/*.bc src/*/*.d

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# The directory is a prerequisite as well: it changes when a part is removed.
$(SCRIPT): $(PARTS) sql threadmem.control
	@printf '%s\n' '\echo Use "CREATE EXTENSION threadmem" to load this file. \quit' > $@.tmp
	@cat $(PARTS) >> $@.tmp
	@mv $@.tmp $@

$(MODULE_big)$(DLSUFFIX): threadmem.exports
-include $(OBJS:.o=.d)

# Bitcode has no .d file of its own: it follows its object.
$(OBJS:.o=.bc): %.bc: %.o

# A symbol that we import from jansson but that the server defines as well would
# be bound to the server's: json_object() is one and crashes the backend.
.PHONY: check-symbols strict asan lint format clients coverage dist
ifeq ($(PORTNAME),linux)
all: check-symbols
endif
server := $(shell $(PG_CONFIG) --bindir)/postgres
symbols = awk '{ sub(/@.*/, "", $$NF); print $$NF }' | sort -u
check-symbols: $(MODULE_big)$(DLSUFFIX)
	@test -x '$(server)' || exit 0; \
	jansson=$$(ldd ./$< | awk '/libjansson/ { print $$3 }'); \
	test -n "$$jansson" || exit 0; \
	clash=$$({ nm -D --undefined-only $< | $(symbols); \
		nm -D --defined-only '$(server)' | $(symbols); \
		nm -D --defined-only "$$jansson" | $(symbols); } | \
		sort | uniq -c | awk '$$1 == 3 { print $$2 }'); \
	test -z "$$clash" || { echo "$<: both jansson and the server define:" $$clash >&2; exit 1; }

strict:
	$(MAKE) STRICT=1 all

# COPT is PostgreSQL's own name for options of the compiler and the linker. The server itself is not instrumented,
# so it has to be started with the sanitizers' libraries loaded before all others: test/cluster does it.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -g
asan:
	$(MAKE) STRICT=1 with_llvm=no COPT='$(SANITIZE)' all

lint: all
	@bash test/lint

format:
	clang-format-14 -i $(sort $(wildcard src/*/*.[ch]))

clients:
	@bash clients/generate

coverage:
	@bash test/coverage

# PGXN takes the .zip; its name and the folder inside follow from META.json.
DISTNAME = threadmem-$(shell sed -n '1,/"version"/s/^ *"version": "\(.*\)",/\1/p' META.json)
dist:
	git archive --format=zip --prefix=$(DISTNAME)/ -o $(DISTNAME).zip HEAD
	git archive --format=tar.gz --prefix=$(DISTNAME)/ -o $(DISTNAME).tar.gz HEAD
