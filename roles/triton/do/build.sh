# Build a wheel of what lies beside this file: source.tar, llvm.tar.gz, the tools' wheels in tools/.
# Without what Triton would fetch by itself: LLVM is brought, NVIDIA's files and the tests are of no
# use here, and the profiler needs a library of its own.
set -e
rm -rf work
mkdir -p work/llvm work/home work/out
cd work
echo 'regraft: unpacking the source and LLVM'
tar -xf ../source.tar --no-same-owner
tar -xf ../llvm.tar.gz -C llvm --strip-components=1 --no-same-owner
echo 'regraft: installing the build tools'
"$python" -m venv tools
pip() { "$PWD/tools/bin/python" -Im pip --isolated --disable-pip-version-check --no-cache-dir "$@"; }
printf '%s\n' "$wanted" >wanted.txt
pip install -q --no-index --find-links ../tools --no-deps --require-hashes -r wanted.txt
echo 'regraft: configuring'
export PATH="$PWD/tools/bin:$PATH" TRITON_HOME="$PWD/home" LLVM_SYSPATH="$PWD/llvm"
export TRITON_OFFLINE_BUILD=1 TRITON_BUILD_PROTON=OFF TRITON_APPEND_CMAKE_ARGS=-DTRITON_BUILD_UT=OFF
export TRITON_WHEEL_NAME="$name" TRITON_WHEEL_VERSION_SUFFIX="$suffix"
export MAX_JOBS="$compile" TRITON_PARALLEL_LINK_JOBS="$link"
pip wheel -v --no-index --no-deps --no-build-isolation -w out ./triton
sync -f out
mv out ../done
echo 'regraft: built'
