#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/mutate.sh [--list] [--only NAME]...
#
# Plants the mistakes of tests/mutations one by one into a copy of the tree, builds the tests each one
# names, and expects them to fail. Fails if a mistake survives, or if the tests fail without one.
#
#   --list        names the mistakes and stops
#   --only NAME   plants this one alone; may be repeated
#   --help        this text
#
# A mistake is a file tests/mutations/NAME.txt:
#   what: one sentence                     shown in the table
#   file: include/gradsieve/...            what it is planted into
#   room: history select                   the tests that must notice: test_history, test_select
#   expect: compile error                  only where a static_assert must notice, not a test
#   --- find
#   text that occurs exactly once in the file
#   --- replace
#   text that takes its place
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

mutations=$root/tests/mutations

# read_mutation NAME: sets what, file, rooms, expected, find and replace.
read_mutation() {
  local line part='head'
  what='' file='' rooms='' expected='' find='' replace=''
  while IFS= read -r line || [[ -n $line ]]; do
    case $part:$line in
      *:'--- find') part='find' ;;
      find:'--- replace') part='replace' ;;
      find:*) find+=$line$'\n' ;;
      replace:*) replace+=$line$'\n' ;;
      head:'what: '*) what=${line#what: } ;;
      head:'file: '*) file=${line#file: } ;;
      head:'room: '*) rooms=${line#room: } ;;
      head:'expect: '*) expected=${line#expect: } ;;
      head:) ;;
      *) fail "$1: cannot read the line '$line'" ;;
    esac
  done <"$mutations/$1.txt"
  [[ -n $what && -n $file && -n $rooms && -n $find && $part == replace ]] ||
    fail "$1: needs what, file, room, find and replace"
  [[ -z $expected || $expected == 'compile error' ]] || fail "$1: cannot expect '$expected'"
  [[ -f $root/$file ]] || fail "$1: there is no $file"
}

# plant TREE: replaces find by replace in the tree's file.
plant() {
  local text rest
  text=$(cat "$1/$file" && printf x)
  text=${text%x}
  rest=${text//"$find"/}
  if ((${#text} - ${#rest} != ${#find})); then
    fail "$name: its text occurs $(((${#text} - ${#rest}) / ${#find})) times in $file, not once"
  fi
  printf '%s' "${text/"$find"/"$replace"}" >"$1/$file"
}

targets() {
  local room
  for room in $1; do printf 'test_%s\n' "$room"; done | sort -u
}

# compile TREE ROOMS
compile() {
  local chosen
  mapfile -t chosen < <(targets "$2")
  cmake --build "$1/build" --parallel "$jobs" --target "${chosen[@]}"
}

# passes TREE ROOMS: a test that hangs has noticed, too.
passes() {
  local target
  for target in $(targets "$2"); do
    timeout 300 "$1/build/tests/$target" '~[exhaustive]' --abort || return 1
  done
}

names=()
only=()
list=
while (($#)); do
  case $1 in
    --help | -h)
      usage
      exit 0
      ;;
    --list) list=yes ;;
    --only)
      (($# > 1)) || fail "--only needs a name"
      only+=("$2")
      shift
      ;;
    *) fail "unknown argument $1" ;;
  esac
  shift
done

if ((${#only[@]})); then
  names=("${only[@]}")
else
  for path in "$mutations"/*.txt; do names+=("$(basename "$path" .txt)"); done
fi
# Named ones are tried in any case.
if ((${#only[@]} == 0)) && ! "$root/scripts/get_libtorch.sh" --check >/dev/null 2>&1; then
  say "There is no LibTorch here, so mistakes in its adapter are left out."
  mapfile -t names < <(printf '%s\n' "${names[@]}" | grep -v '^libtorch_')
fi
all_rooms=
for name in "${names[@]}"; do
  [[ -f $mutations/$name.txt ]] || fail "there is no mistake named $name; see --list"
  read_mutation "$name"
  all_rooms+=" $rooms"
  [[ -z $list ]] || printf '%-32s %s\n' "$name" "$what"
done
[[ -z $list ]] || exit 0

need "${build_tools[@]}" "${test_packages[@]}" "${demo_packages[@]}"
[[ $all_rooms != *libtorch* ]] || bring_libtorch
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
clean=$scratch/clean tree=$scratch/tree
mkdir -p "$tree" "$logs"
cd "$root"
git ls-files -z --cached --others --exclude-standard |
  tar --create --null --files-from=- --ignore-failed-read 2>/dev/null | tar --extract -C "$tree"

run_step "configure the copy" cmake -S "$tree" -B "$tree/build" -G Ninja -DCMAKE_BUILD_TYPE=None \
  -DCMAKE_CXX_FLAGS=-O1 -DGRADSIEVE_BUILD_TESTS=ON -DGRADSIEVE_BUILD_EXAMPLES=ON \
  -DGRADSIEVE_INSTALL=OFF
mapfile -t all_targets < <(targets "$all_rooms")
run_step "build without a mistake" cmake --build "$tree/build" --parallel "$jobs" \
  --target "${all_targets[@]}"
log=$logs/mutate-test-without-a-mistake.log
passes "$tree" "$all_rooms" >"$log" 2>&1 || fail "the tests fail without any mistake, see $log"

# Every mistake starts from this state; copying it back, times and all, saves building the right code
# again.
mv "$tree" "$clean"
bad=0
for name in "${names[@]}"; do
  read_mutation "$name"
  rm -rf "$tree"
  cp --archive "$clean" "$tree"
  plant "$tree"
  log=$logs/mutate-$name.log
  started=$SECONDS
  if ! compile "$tree" "$rooms" >"$log" 2>&1; then
    if [[ -n $expected ]]; then result=caught; else result='DOES NOT COMPILE'; fi
  elif [[ -n $expected ]] || passes "$tree" "$rooms" >"$log" 2>&1; then
    result=SURVIVED
  else
    result=caught
  fi
  colour=$green
  if [[ $result != caught ]]; then
    colour=$red
    bad=$((bad + 1))
  fi
  printf '%s%-16s%s %-32s %s (%d s)\n' "$colour" "$result" "$plain" "$name" "$what" \
    $((SECONDS - started))
done

((bad == 0)) || fail "$bad of ${#names[@]} mistakes were not caught, see $logs/mutate-*.log"
say "All ${#names[@]} mistakes were caught."
