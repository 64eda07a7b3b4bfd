#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/mutate.sh [--list] [--only NAME]... [--part K/N]
#
# Plants the mistakes of tests/mutations one by one into a copy of the tree, builds the tests each one
# names, and expects them to fail. Fails if a mistake survives, or if the tests fail without one. Tried
# first is the test file that is called as the changed one; most mistakes need no other.
#
#   --list        names the mistakes and stops
#   --only NAME   plants this one alone; may be repeated
#   --part K/N    plants every N-th, from the K-th on: for several runs side by side
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

# find_text TREE: sets text to the tree's file, which has the mistake's text exactly once.
find_text() {
  local rest
  text=$(cat "$1/$file" && printf x)
  text=${text%x}
  rest=${text//"$find"/}
  if ((${#text} - ${#rest} != ${#find})); then
    fail "$name: its text occurs $(((${#text} - ${#rest}) / ${#find})) times in $file, not once"
  fi
}

# plant TREE: replaces find by replace in the tree's file.
plant() {
  find_text "$1"
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

# What has no libraries of its own, which would have to be built anew.
alone='audit|automatic|batch|buffer|boost|control|dlpack|history|key|loss|methods|parallel|policy|random'
readonly alone="$alone|rule|schedule|select|sieve|state|wide"

# first_look TREE ROOM: builds and runs the room's test file that is called as the changed file, linked
# alone. The status is that of its tests, or 2 where there is nothing to run.
first_look() {
  local room=$2 name object objects link
  name=$(basename "$file")
  name=${name%.*}
  mapfile -t objects < <(ninja -C "$1/build" -t query "tests/test_$room" | tr -d ' ' |
    grep -E "/test_$room\.dir/(.*/)?${name}_test\.cpp\.o\$")
  ((${#objects[@]} == 1)) && [[ $room =~ ^($alone)$ ]] || return 2
  object=${objects[0]}
  rm -f "$1/build/first_look"
  ninja -C "$1/build" "$object" || return 2
  link=$(ninja -C "$1/build" -t commands "tests/test_$room" | tail -n 1 |
    sed -E "s#^: && ##; s# && .*##; s#[^ ]*/test_$room\.dir/[^ ]*##g; s#-o tests/[^ ]*#-o first_look $object#")
  (cd "$1/build" && eval "$link") && [[ -x $1/build/first_look ]] || return 2
  timeout 300 "$1/build/first_look" '~[exhaustive]' --abort || return 1
}

# looks TREE: the rooms of the mistake at hand whose first look passes while there is none.
declare -A passes_alone
looks() {
  local room key
  for room in $rooms; do
    key=$room:$file
    if [[ -z ${passes_alone[$key]:-} ]]; then
      passes_alone[$key]=no
      if first_look "$1" "$room"; then passes_alone[$key]=yes; fi
    fi
    if [[ ${passes_alone[$key]} == yes ]]; then looked_at+=("$room"); fi
  done
}

# try_tests TREE: sets result, by a first look, or by all tests of the mistake's rooms.
try_tests() {
  local room status
  for room in "${looked_at[@]}"; do
    status=0
    first_look "$1" "$room" || status=$?
    if ((status == 1)); then
      result=caught
      return
    fi
  done
  if ! compile "$1" "$rooms"; then
    if [[ -n $expected ]]; then result=caught; else result='DOES NOT COMPILE'; fi
  elif [[ -n $expected ]] || passes "$1" "$rooms"; then
    result=SURVIVED
  else
    result=caught
  fi
}

names=()
only=()
list=
part=1 parts=1
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
    --part)
      [[ ${2-} =~ ^([1-9][0-9]*)/([1-9][0-9]*)$ ]] || fail "--part needs K/N, for instance 1/2"
      part=${BASH_REMATCH[1]} parts=${BASH_REMATCH[2]}
      ((part <= parts)) || fail "there is no part $part of $parts"
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
for i in "${!names[@]}"; do
  ((i % parts == part - 1)) || unset "names[$i]"
done
((${#names[@]})) || fail "there is no mistake in part $part of $parts"
all_rooms=
for name in "${names[@]}"; do
  [[ -f $mutations/$name.txt ]] || fail "there is no mistake named $name; see --list"
  read_mutation "$name"
  all_rooms+=" $rooms"
  find_text "$root"
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

launcher=()
if command -v ccache >/dev/null; then
  export CCACHE_BASEDIR=$tree CCACHE_NOHASHDIR=1
  launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
run=''
((parts == 1)) || run=" of part $part"
run_step "configure the copy$run" cmake -S "$tree" -B "$tree/build" -G Ninja -DCMAKE_BUILD_TYPE=None \
  -DCMAKE_CXX_FLAGS=-O1 -DGRADSIEVE_BUILD_TESTS=ON -DGRADSIEVE_BUILD_EXAMPLES=ON \
  -DGRADSIEVE_TEST_VARIANTS=OFF -DGRADSIEVE_INSTALL=OFF "${launcher[@]}"
mapfile -t all_targets < <(targets "$all_rooms")
run_step "build without a mistake$run" cmake --build "$tree/build" --parallel "$jobs" \
  --target "${all_targets[@]}"
log=$logs/mutate-test-without-a-mistake$part.log
passes "$tree" "$all_rooms" >"$log" 2>&1 || fail "the tests fail without any mistake, see $log"

# Every mistake starts from this state; copying it back, times and all, saves building the right code
# again.
mv "$tree" "$clean"
bad=0
for name in "${names[@]}"; do
  read_mutation "$name"
  rm -rf "$tree"
  cp --archive "$clean" "$tree"
  log=$logs/mutate-$name.log
  started=$SECONDS
  looked_at=()
  [[ $expected ]] || looks "$tree" >"$log" 2>&1
  plant "$tree"
  try_tests "$tree" >"$log" 2>&1
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
