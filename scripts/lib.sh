# What the scripts share: find a tool, or install it by its ordinary package client, and say so.
# Sourced, not run.

say() { printf '==> %s\n' "$*" >&2; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

apt_updated=
# need COMMAND PACKAGE…: installs Debian packages when the command is not there
need() {
  cmd=$1; shift
  command -v "$cmd" >/dev/null 2>&1 && return 0
  say "$cmd is missing: installing $* (apt-get)"
  [ -n "$apt_updated" ] || { as_root apt-get update -q >/dev/null; apt_updated=yes; }
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

# need_file FILE PACKAGE…: the same for something that is no command
need_file() { file=$1; shift; [ -e "$file" ] || need /nonexistent "$@"; }

# what building the program needs
need_build() {
  need cc gcc libc6-dev
  need curl curl ca-certificates
  want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
  need_rust "$want"
  need node nodejs
  need npm npm
  if [ ! -e web/node_modules/.package-lock.json ] || [ web/package-lock.json -nt web/node_modules/.package-lock.json ]; then
    say "installing the pages' front-end packages (npm ci)"
    (cd web && npm ci --ignore-scripts --no-audit --no-fund >/dev/null)
    touch web/node_modules/.package-lock.json
  fi
}

# the identity provider that the tests of single sign-on talk to
need_sso_provider() {
  need node nodejs
  need npm npm
  if [ ! -e tests/sso/node_modules/.package-lock.json ] || [ tests/sso/package-lock.json -nt tests/sso/node_modules/.package-lock.json ]; then
    say "installing the tests' identity provider (npm ci)"
    (cd tests/sso && npm ci --ignore-scripts --no-audit --no-fund >/dev/null)
    touch tests/sso/node_modules/.package-lock.json
  fi
}

# need_rust VERSION: cargo and rustc of that version or newer. Debian's own when it is new enough, else
# rustup, which Debian 13 and Ubuntu 24.04 have as a package.
need_rust() {
  if ! command -v cargo >/dev/null 2>&1; then
    as_root apt-get update -q >/dev/null; apt_updated=yes
    if apt-cache show rustup >/dev/null 2>&1; then need rustup rustup; else need cargo cargo rustc; fi
  fi
  if ! rust_is "$1" && command -v rustup >/dev/null 2>&1; then
    say "installing Rust $1 (rustup)"
    rustup toolchain install "$1" --profile minimal --component rustfmt --component clippy >/dev/null
    export RUSTUP_TOOLCHAIN="$1"
  fi
  rust_is "$1" && return 0
  say "this project needs Rust $1 or newer, and this system's packages have no such one: install rustup and run this again"
  exit 1
}

# rust_is VERSION: whether the rustc that is found is that version or newer
rust_is() {
  have=$(rustc --version 2>/dev/null | sed 's/rustc \([0-9.]*\).*/\1/')
  [ -n "$have" ] && [ "$(printf '%s\n%s\n' "$1" "$have" | sort -V | head -n 1)" = "$1" ]
}

# need_crate COMMAND CRATE VERSION: a cargo tool
need_crate() {
  command -v "$1" >/dev/null 2>&1 && return 0
  say "$1 is missing: installing it (cargo install $2, some minutes)"
  cargo install --locked --quiet "$2" --version "$3"
}

# an ACME server for the tests of automatic certificates, and the name server that goes with it
need_pebble() {
  need pebble pebble
  need pebble-challtestsrv pebble
}

# start_postgres FOLDER: a private cluster on a socket, never as root; sets DUTYLINE_TEST_POSTGRES
start_postgres() {
  folder=$1
  bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  if [ -z "$bin" ]; then
    need /nonexistent postgresql
    bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  fi
  need psql postgresql-client
  mkdir -p "$folder"
  as=
  if [ "$(id -u)" = 0 ]; then as=nobody; chown nobody "$folder"; fi
  pg() { if [ -n "$as" ]; then su "$as" -s /bin/sh -c "$*"; else sh -c "$*"; fi; }
  pg "'$bin/initdb' -D '$folder/data' -U dutyline --auth=trust -E UTF8 --locale=C.UTF-8 >'$folder/initdb.log'"
  pg "'$bin/pg_ctl' -D '$folder/data' -w -l '$folder/log' -o \"-k '$folder' -c listen_addresses='' -p 54329 -c max_connections=300\" start >/dev/null"
  export DUTYLINE_TEST_POSTGRES="$folder:54329"
  stop_postgres() { pg "'$bin/pg_ctl' -D '$folder/data' -m immediate stop >/dev/null 2>&1" || true; rm -rf "$folder"; }
}
