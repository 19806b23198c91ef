#!/bin/sh
# Make the virtual environment .venv, or bring it up to date; do nothing, and
# ask no network, when it already holds what is wanted.
#
#   sh tools/environment.sh book     what a reader needs (requirements.txt)
#   sh tools/environment.sh test     that and what the tests need
#
# PYTHON names the interpreter to use; without it the first suitable one of
# python3, python3.13, python3.12, python3.11 is taken.
set -eu
cd "$(dirname "$0")/.."

what=${1:-book}
venv_python=.venv/bin/python
suits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

# What somebody set for other projects would lead Python to other modules.
unset PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONSTARTUP PYTHONUSERBASE PYTHONINSPECT \
    PYTHONPLATLIBDIR PYTHONEXECUTABLE __PYVENV_LAUNCHER__

case $what in
    book) requirements="requirements.txt" ;;
    test) requirements="requirements.txt tests/requirements.txt" ;;
    *) echo "environment.sh: '$what' is neither 'book' nor 'test'" >&2; exit 2 ;;
esac

# The folder that .venv is in, by its real name: its programs hold that name.
here=$(pwd -P)

# What .venv depends on: the files below, where it lies, and its Python.
key() {
    { echo "$here"; "$venv_python" --version; cat constraints.txt pyproject.toml $requirements; } \
        2>&1 | cksum
}

up_to_date() {
    "$venv_python" -c "$suits" 2>/dev/null \
        && [ "$(cat ".venv/made-for-$what" 2>/dev/null)" = "$(key)" ]
}

# Good for an update: of this folder (it was not moved, renamed or copied here), and with pip
# (its making was not interrupted).
whole() {
    "$venv_python" -c "$suits" 2>/dev/null || return 1
    case $(PIP_CONFIG_FILE=/dev/null .venv/bin/pip --version 2>/dev/null) in
        *" from $here/.venv/"*) return 0 ;;
        *) return 1 ;;
    esac
}

refuse() {
    printf '%s\n' "$@" >&2
    exit 1
}

if up_to_date; then
    exit 0
fi

case $here in
    *:*) refuse "The folder $here has a colon in its name." \
        "Python makes no environment there, since a colon divides the folders of PATH." \
        "Rename the folder, then try again." ;;
esac

# One at a time: of two that are started together, the second waits for the first. The lock of
# one that was killed stays behind, with a number that no process has any more.
lock=.venv-lock
take() {
    ( set -C; echo "$$" > "$lock" ) 2>&1
}
while ! reason=$(take); do
    if ! [ -e "$lock" ] && ! reason=$(take) && ! [ -e "$lock" ]; then
        refuse "$reason" \
            "The environment .venv is to be made in $here, which cannot be written to." \
            "Copy the course to a folder of your own, or see who may write there: ls -ld ."
    fi
    owner=$(cat "$lock" 2>/dev/null || true)
    if [ "$owner" = "$$" ]; then
        break
    elif [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
        rm -f "$lock"
        continue
    elif [ -z "${waiting:-}" ]; then
        waiting=yes
        echo "Waiting for another 'make' that works on .venv (if there is none: rm $lock) ..."
    fi
    sleep 1
done
trap 'rm -f "$lock"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
if up_to_date; then
    exit 0
fi

if ! whole; then
    set -- python3 python3.13 python3.12 python3.11
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    fi
    for candidate in "$@"; do
        if "$candidate" -c "$suits" 2>/dev/null; then
            python=$candidate
            break
        fi
    done
    if [ -z "${python:-}" ]; then
        found=$("${PYTHON:-python3}" --version 2>/dev/null || true)
        refuse "This course needs Python 3.11, 3.12 or 3.13." \
            "Found: ${found:-no working ${PYTHON:-python3}}." \
            "Install one of them, or name one: make book PYTHON=/path/to/python3.12"
    fi
    if [ -e .venv ]; then
        echo "The environment .venv is of another folder or another Python, or only half made."
    fi
    echo "Making .venv with $("$python" --version) ..."
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        if "$python" -c 'import venv, ensurepip' 2>/dev/null; then
            refuse "'$python -m venv .venv' failed in $here; the reason stands above."
        fi
        refuse "$python comes without its module venv; on Debian and Ubuntu:" \
            "sudo apt install python3-venv"
    fi
fi

echo "Installing $requirements into .venv (once; about a minute) ..."
set --
for file in $requirements; do
    set -- "$@" -r "$file"
done
"$venv_python" tools/install.py "$@"
# An environment for the tests is one for the book, too; not the other way round.
key > ".venv/made-for-$what"
if [ "$what" = test ]; then
    requirements="requirements.txt"
    key > .venv/made-for-book
fi
