#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs cardcheck from this folder, without a network and without administrator's rights.
#   sh install.sh [WHERE]      WHERE is ~/.local/share/cardcheck unless said otherwise
#   sh install.sh --remove [WHERE]
set -eu
cd -- "$(dirname -- "$0")"

stop() {
  printf 'install: %s\n' "$@" >&2
  exit 2
}

remove=no
if [ "${1:-}" = --remove ]; then
  remove=yes
  shift
fi
where=${1:-${XDG_DATA_HOME:-$HOME/.local/share}/cardcheck}
bin=${XDG_BIN_HOME:-$HOME/.local/bin}

if [ "$remove" = yes ]; then
  [ -e "$where/pyvenv.cfg" ] || stop "$where is no installation of cardcheck"
  rm -rf -- "$where"
  [ ! -L "$bin/cardcheck" ] || rm -- "$bin/cardcheck"
  echo "removed."
  exit 0
fi

[ ! -e SHA256SUMS ] || sha256sum --quiet --check SHA256SUMS ||
  stop "この中のファイルが壊れているか、書き換えられています。もう一度コピーしてください。" \
    "A file in this folder is broken or was changed. Please copy the folder anew."

wanted=$(sed 's/.*-py\(.\)\(.*\)/\1.\2/' PLATFORM)
python=${PYTHON:-python$wanted}
command -v "$python" >/dev/null ||
  stop "Python $wanted が必要です。 Python $wanted is needed. On Debian and Ubuntu:" "  sudo apt-get install python$wanted python$wanted-venv"
found=$("$python" -c 'import sys, sysconfig
print(f"{sysconfig.get_platform()}-py{sys.version_info[0]}{sys.version_info[1]}")')
[ "$found" = "$(cat PLATFORM)" ] ||
  stop "このフォルダーは $(cat PLATFORM) 用です（ここは $found）。 This folder is for $(cat PLATFORM); this is $found."
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  stop "python$wanted-venv が必要です。 It is needed. On Debian and Ubuntu:" "  sudo apt-get install python$wanted-venv"

"$python" -m venv --clear "$where"
"$where/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --require-hashes \
  -r requirements.txt
# Nothing here needs them again, a renewal begins with an empty folder, and they are a third of its size.
"$where/bin/python" -m pip uninstall --quiet --disable-pip-version-check --yes setuptools pip
mkdir -p -- "$bin"
ln -sf -- "$where/bin/cardcheck" "$bin/cardcheck"
"$where/bin/python" -c 'import smartcard.scard' 2>/dev/null ||
  printf '%s\n' "リーダーには libpcsclite1 と pcscd も必要です。 Readers need these too. On Debian and Ubuntu:" \
    "  sudo apt-get install pcscd libccid libpcsclite1"
echo "installed: $bin/cardcheck"
