#!/bin/sh
# The course on a 64-bit Arm processor, emulated: slowly, but with the arithmetic of one.
#
#     sh tools/arm.sh [NOTEBOOK ...]
#
# Needs a Debian or Ubuntu with apt-get and qemu-user-static (apt-get install qemu-user-static),
# and the environment that `make test` makes. Debian 12's own arm64 Python and the arm64 wheels of
# the locked versions are put into _build/arm; the system is not changed. Then the unit tests of
# the core are run, and two chapters, with the kernels that OpenBLAS chooses for an early Arm
# server. (NumPy from pip on a Mac may use Apple's Accelerate, which only a Mac has.)
set -eu
cd "$(dirname "$0")/.."
root=$PWD
arm=$root/_build/arm
emulator=$(command -v qemu-aarch64-static || command -v qemu-aarch64) || {
    echo "tools/arm.sh: no qemu-aarch64 here: apt-get install qemu-user-static" >&2
    exit 2
}
command -v apt-get >/dev/null || {
    echo "tools/arm.sh: no apt-get here, which brings Debian's arm64 Python" >&2
    exit 2
}

if [ ! -x "$arm/sys/usr/bin/python3.11" ]; then
    mkdir -p "$arm/debs" "$arm/state/lists/partial" "$arm/cache/archives/partial"
    cd "$arm/debs"
    # A package list of its own, so that this system's is left alone.
    apt() {
        apt-get -qq -o Dir::State="$arm/state" -o Dir::Cache="$arm/cache" \
            -o Dir::State::status=/dev/null -o APT::Sandbox::User=root \
            -o APT::Architecture=arm64 -o APT::Architectures=arm64 "$@"
    }
    apt update
    apt download python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libc6 libgcc-s1 \
        libstdc++6 libexpat1 zlib1g libffi8 libssl3 libsqlite3-0 libbz2-1.0 liblzma5 libuuid1 \
        libcrypt1
    for deb in *.deb; do dpkg-deb -x "$deb" "$arm/sys"; done
    cd "$root"
fi
if [ ! -d "$arm/site/numpy" ]; then
    .venv/bin/python -m pip install -q --disable-pip-version-check --target "$arm/site" \
        --only-binary=:all: --python-version 3.11 --implementation cp \
        --abi cp311 --abi abi3 --abi none --platform manylinux2014_aarch64 \
        --platform manylinux_2_27_aarch64 --platform manylinux_2_28_aarch64 \
        --platform manylinux_2_24_aarch64 --platform manylinux_2_26_aarch64 \
        -c constraints.txt numpy scipy scikit-learn pandas matplotlib matplotlib-inline seaborn \
        mlxtend tqdm threadpoolctl ipython ipywidgets anywidget pytest hypothesis autograd
fi

python() {
    env PYTHONPATH="$root:$arm/site" PYTHONHOME="$arm/sys/usr" PYTHONDONTWRITEBYTECODE=1 \
        MPLBACKEND=module://matplotlib_inline.backend_inline MPLCONFIGDIR="$arm/matplotlib" \
        PYTHONHASHSEED=0 TQDM_DISABLE=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
        OPENBLAS_CORETYPE=NEOVERSEN1 QEMU_CPU=neoverse-n1 \
        "$emulator" -L "$arm/sys" "$arm/sys/usr/bin/python3.11" "$@"
}

python -c 'import platform, numpy, threadpoolctl
print(platform.machine(), numpy.__version__, threadpoolctl.threadpool_info()[0]["architecture"])'
# matplotlib would look for the system's fonts in the first cell that draws, for minutes.
python -c 'import matplotlib.font_manager'
failed=0
# What starts other programs or measures time is not for an emulator.
for test in activations gradients layers losses metrics network optimizers \
    regularizers schedules history; do
    echo "tests/unit/test_$test.py"
    python -m pytest -q -p no:cacheprovider --noconftest -c /dev/null --rootdir "$root" \
        -p tests.unit.conftest "tests/unit/test_$test.py" || failed=1
done
[ $# -gt 0 ] || set -- chapters/06_backpropagation.ipynb chapters/05_softmax.ipynb
for notebook; do
    python -m tools.arm_chapter "$notebook" || failed=1
done
exit $failed
