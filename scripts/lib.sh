# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# shellcheck shell=bash
#
# Shared by the scripts beside it, which source it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(basename "$0")
logs=$root/build/logs
jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}

bold='' red='' green='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
fi

say() { printf '%s%s%s\n' "$bold" "$*" "$plain"; }

fail() {
  printf '%s%s: %s%s\n' "$red" "$program" "$*" "$plain" >&2
  exit 1
}

# usage: prints the comment at the head of the calling script, without its licence lines.
usage() { awk 'NR > 1 && !/^#/ { exit } /^# ?SPDX/ { next } NR > 1 { sub(/^# ?/, ""); print }' "$0" |
  sed '/./,$!d'; }

# run_step NAME COMMAND...: runs the command with its output in a log. If it fails, one line says
# which step it was and where the log is; where nobody can look there afterwards (CI), the log's end
# is printed too.
run_step() {
  local name=$1 started=$SECONDS
  local log="$logs/${program%.sh}-${name//[^a-z0-9]/-}.log"
  shift
  mkdir -p "$logs"
  printf '%s ... ' "$name"
  if "$@" >"$log" 2>&1 </dev/null; then
    printf '%sdone%s (%d s)\n' "$green" "$plain" $((SECONDS - started))
  else
    printf '\n'
    [[ -z ${CI:-} ]] || tail -n 100 "$log" >&2
    fail "step '$name' failed, see $log"
  fi
}

# need ITEM...: installs what is missing. An item is a Debian package, or package:command where
# any provider of the command will do.
need() {
  local item package missing=() as_root=()
  for item in "$@"; do
    package=${item%%:*}
    if [[ $item == *:* ]]; then
      command -v "${item#*:}" >/dev/null || missing+=("$package")
    elif ! command -v dpkg-query >/dev/null; then
      missing+=("$package")
    elif [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
      missing+=("$package")
    fi
  done
  ((${#missing[@]})) || return 0

  if ! command -v apt-get >/dev/null; then
    say "No apt-get here; continuing in the hope that these Debian packages' contents are installed:"
    say "  ${missing[*]}"
    return 0
  fi
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "these packages are missing, and installing them needs root" \
      "or sudo: ${missing[*]}"
    as_root=(sudo)
    # The password, if one is needed, is asked for here, where it can be seen.
    sudo -v || fail "sudo refused; these packages are missing: ${missing[*]}"
  fi
  say "Installing with apt-get: ${missing[*]}"
  run_step "update the package lists" "${as_root[@]}" apt-get update
  run_step "install packages" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends "${missing[@]}"
}

# What to give to `need`.
# shellcheck disable=SC2034 # for the scripts that source this one
{
  build_tools=(g++:g++ cmake:cmake ninja-build:ninja)
  test_packages=(catch2 libeigen3-dev libboost-dev libboost-context-dev pkg-config:pkg-config)
  demo_packages=(libeigen3-dev libboost-dev zlib1g-dev libcli11-dev nlohmann-json3-dev libstb-dev
    gnuplot-nox:gnuplot dataset-fashion-mnist)
  bench_packages=(libbenchmark-dev libboost-dev libeigen3-dev zlib1g-dev libcli11-dev
    nlohmann-json3-dev libstb-dev gnuplot-nox:gnuplot)
}

# configure PRESET [CMAKE OPTION...]
configure() {
  local preset=$1 version
  shift
  version=$(cmake --version | sed -n 's/^cmake version //p')
  if [[ $(printf '%s\n' 3.25 "$version" | sort -V | head -n 1) != 3.25 ]]; then
    fail "the presets need CMake 3.25 or newer, this is $version"
  fi
  # What was compiled before, in this tree or in another one, need not be compiled again.
  if command -v ccache >/dev/null; then
    export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
    set -- "$@" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
  fi
  run_step "configure $preset" cmake --preset "$preset" "$@"
}

# build PRESET [CMAKE --build OPTION...]
build() {
  local preset=$1
  shift
  run_step "build $preset" cmake --build --preset "$preset" --parallel "$jobs" "$@"
}

# bring_libtorch: sees to it that there is a LibTorch for the tests, or says why there is none.
bring_libtorch() {
  local why
  if why=$("$root/scripts/get_libtorch.sh" --check 2>&1); then
    # Half a gigabyte from afar: who is offline tests the rest.
    if ! (run_step "bring LibTorch" "$root/scripts/get_libtorch.sh"); then
      say "LibTorch's tests are left out: it could not be brought, see above"
    fi
  elif [[ -z ${GRADSIEVE_TORCH_ROOT:-} ]]; then
    say "LibTorch's tests are left out: $why"
  fi
}

# processor_name, commit_name: this machine's and this tree's, for the record.
processor_name() {
  local name family
  name=$(LC_ALL=C lscpu 2>/dev/null | sed -n 's/^Model name: *//p' | head -n 1 | tr -d ',' || true)
  # A name such as "AMD EPYC" says little.
  family=$(LC_ALL=C lscpu 2>/dev/null |
    sed -n 's/^CPU family: */family /p; s/^Model: */model /p' | paste --serial --delimiters=' ')
  printf '%s\n' "${name:-unknown processor}${family:+ ($family)}"
}
commit_name() {
  local commit
  commit=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
  [[ -z $(git -C "$root" status --porcelain 2>/dev/null) ]] || commit+=' with changes'
  printf '%s\n' "$commit"
}

# folder_name TEXT: a short name, fit for a folder.
folder_name() {
  printf '%s' "$1" | sed 's/([^)]*)//g' |
    tr '[:upper:]' '[:lower:]' | tr -cs '[:alnum:]' - | sed 's/^-//; s/-$//'
}

# first_table PAGE: the one that the README shows of a page of results.
first_table() { awk '/^\|/ { print; table = 1; next } table { exit }' "$1"; }

# record_in_readme MARK PAGE COMMAND <TEXT: the page's first table between the README's marks, and
# below it what it is, the text, and where the rest lies.
record_in_readme() {
  local page=${2#"$root/"}
  {
    first_table "$2"
    printf '\nMedians of a run of %s; ' "\`./$3\`"
    cat
    printf 'All numbers, goals and the machine: [%s](%s).\n' "$(dirname "$page")" "$page"
  } | fill_readme "$1"
}

# check_readme MARK: fails unless the README has the lines that fill_readme needs.
check_readme() {
  local line
  for line in "<!-- $1:begin -->" "<!-- $1:end -->"; do
    grep --quiet --line-regexp --fixed-strings -- "$line" "$root/README.md" ||
      fail "README.md has no line $line"
  done
}

# fill_readme MARK <TEXT: puts the text between the README's lines <!-- MARK:begin --> and
# <!-- MARK:end -->.
fill_readme() {
  local text
  text=$(cat)
  check_readme "$1"
  TEXT=$text awk -v mark="$1" '
    $0 == "<!-- " mark ":end -->" { hidden = 0 }
    !hidden { print }
    $0 == "<!-- " mark ":begin -->" { print ENVIRON["TEXT"]; hidden = 1 }
  ' "$root/README.md" >"$root/README.md.new"
  mv "$root/README.md.new" "$root/README.md"
}
