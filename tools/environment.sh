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

what=${1:-book}
venv_python=.venv/bin/python
suits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

case $what in
    book) requirements="requirements.txt" ;;
    test) requirements="requirements.txt tests/requirements.txt" ;;
    *) echo "environment.sh: '$what' is neither 'book' nor 'test'" >&2; exit 2 ;;
esac

# What .venv depends on: the files below, where it lies (nnlib is installed
# from this folder), and its Python.
key() {
    { pwd; "$venv_python" --version; cat constraints.txt pyproject.toml $requirements; } \
        2>&1 | cksum
}

if "$venv_python" -c "$suits" 2>/dev/null \
    && [ "$(cat ".venv/made-for-$what" 2>/dev/null)" = "$(key)" ]; then
    exit 0
fi

if ! "$venv_python" -c "$suits" 2>/dev/null; then
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
        echo "This course needs Python 3.11, 3.12 or 3.13." >&2
        found=$("${PYTHON:-python3}" --version 2>/dev/null || true)
        echo "Found: ${found:-no working ${PYTHON:-python3}}." >&2
        echo "Install one of them, or name one: make book PYTHON=/path/to/python3.12" >&2
        exit 1
    fi
    echo "Making .venv with $("$python" --version) ..."
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "'$python -m venv' failed; on Debian and Ubuntu: sudo apt install python3-venv" >&2
        exit 1
    fi
fi

echo "Installing $requirements into .venv (once; about a minute) ..."
set --
for file in $requirements; do
    set -- "$@" -r "$file"
done
"$venv_python" -m pip install --quiet --disable-pip-version-check "$@"
# An environment for the tests is one for the book, too; not the other way round.
key > ".venv/made-for-$what"
if [ "$what" = test ]; then
    requirements="requirements.txt"
    key > .venv/made-for-book
fi
