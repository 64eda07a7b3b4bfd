#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/get_libtorch.sh [--cuda] [--check] [--version VERSION]
#
# Brings the LibTorch that the tests are written for, 2.11.0, out of PyTorch's wheel into a cache folder
# outside of this tree, and prints the folder that GRADSIEVE_TORCH_ROOT names. Headers and the CPU's
# libraries only: 0.6 GB, from a download of 0.5 GB whose SHA-256 is checked. Installs nothing, and
# does nothing when all is there. Needs x86-64 Linux with python3 and pip.
#
#   --cuda              the CUDA libraries as well: 0.5 GB more
#   --check             only say whether this machine can: success, or the reason
#   --version VERSION   another version, 2.7 or newer; its files are as pip found them, unless their
#                       sums stand here as well
#   --help              this text
#
# GRADSIEVE_CACHE names another cache folder than ~/.cache/gradsieve.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

tested=2.11.0
version=$tested
# Of each wheel's file. A CUDA build's libtorch_cpu.so is linked with the CUDA runtime and with CUPTI,
# also where there is no GPU, so their wheels come along.
declare -A sums=(
  [torch==2.11.0]=7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a
  [nvidia-cuda-runtime==13.0.96]=7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548
  [nvidia-cuda-cupti==13.0.85]=4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8
)
wanted='torch/(include|share/cmake)/.*|torch/lib/(libtorch_cpu|libc10)\.so|torch/lib/libgomp[-.].*'
wanted+='|nvidia/[a-z0-9_]+/lib/(libcudart|libcupti)\.so.*'
kind=cpu
check=

while (($#)); do
  case $1 in
    --help | -h)
      usage
      exit 0
      ;;
    --cuda)
      kind=cuda
      wanted+='|torch/lib/(libtorch|libtorch_cuda|libtorch_cuda_linalg|libc10_cuda|libtorch_nvshmem'
      wanted+='|libcaffe2_nvrtc)\.so'
      ;;
    --check) check=yes ;;
    --version)
      (($# > 1)) || fail "--version needs a value"
      version=$2
      shift
      ;;
    *) fail "unknown argument $1" ;;
  esac
  shift
done
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "'$version' is not a version like $tested"

cache=${GRADSIEVE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gradsieve}
place=$cache/libtorch-$version-$kind

# Quick, since other scripts ask each time.
if [[ -f $place/complete ]]; then
  [[ -n $check ]] || printf '%s\n' "$place/torch"
  exit 0
fi
[[ $(uname -s) == Linux && $(uname -m) == x86_64 ]] ||
  fail "the wheel is for x86-64 Linux, this is $(uname -sm)"
python3 -m pip --version >/dev/null 2>&1 || fail "python3 with pip is not here"
command -v sha256sum >/dev/null || fail "sha256sum is not here"
[[ -z $check ]] || exit 0

# Unpacked beside its place and moved there when complete, so that a run cut off leaves no half.
mkdir -p "$cache"
scratch=$(mktemp -d "$cache/unpacking.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# What torch's wheel, and the collection of CUDA's wheels that it may name, say they need of the two.
needs() {
  python3 - "$@" <<'PYTHON'
import re, sys, zipfile
wanted = r"(nvidia-cuda-(?:runtime|cupti)(?:-cu\d+)?|cuda-toolkit)(?:\[[^\]]*\])?\s*\(?==\s*([\d.*]+)"
with zipfile.ZipFile(sys.argv[1]) as archive:
    name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
    for line in archive.read(name).decode().splitlines():
        found = re.match(r"Requires-Dist:\s*" + wanted, line)
        if found:
            print(f"{found[1]}=={found[2]}")
PYTHON
}

# bring REQUIREMENT: its wheel's files, and what it needs into $scratch/needed.
bring() {
  local requirement=$1 name sum
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --implementation cp --python-version 3.11 --abi cp311 --abi none \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 \
    --platform manylinux_2_25_x86_64 --platform manylinux2014_x86_64 \
    --dest "$scratch/wheel" "$requirement"
  local wheel=("$scratch"/wheel/*.whl)
  name=$(basename "${wheel[0]}" | sed -E 's/^([^-]+)-([^-]+)-.*/\1==\2/; s/_/-/g')
  sum=${sums[$name]:-}
  if [[ -n $sum ]]; then
    printf '%s  %s\n' "$sum" "${wheel[0]}" | sha256sum --check --quiet ||
      { printf '%s is not the file that was pinned\n' "$(basename "${wheel[0]}")" && return 1; }
  elif [[ $version == "$tested" && $name != cuda-toolkit==* ]]; then
    printf '%s is not among the files that were pinned\n' "$(basename "${wheel[0]}")"
    return 1
  fi
  needs "${wheel[0]}" | sort -u >"$scratch/needed"
  python3 - "${wheel[0]}" "$scratch/tree" "$wanted" <<'PYTHON'
import re, sys, zipfile
wheel, target, wanted = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(target, [n for n in archive.namelist() if re.fullmatch(wanted, n)])
PYTHON
  rm -r "$scratch/wheel"
}

pending=("torch==$version")
while ((${#pending[@]})); do
  requirement=${pending[0]}
  pending=("${pending[@]:1}")
  run_step "bring $requirement" bring "$requirement" >&2
  mapfile -t -O "${#pending[@]}" pending <"$scratch/needed"
done
touch "$scratch/tree/complete"
rm -rf "$place"
mv "$scratch/tree" "$place"
printf '%s\n' "$place/torch"
