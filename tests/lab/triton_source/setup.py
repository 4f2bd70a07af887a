# mypy: ignore-errors
"""regraft lab: a stand-in for the set-up of triton-gfx906, steered by the same settings.

What it would download has no address here: an attempt ends as it does without a network.
"""

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pybind11
from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext

VERSION = "3.5.0"
HERE = Path(__file__).resolve().parent
BUILDS = "https://oaitriton.invalid/public/llvm-builds"
JSON = "https://nlohmann.invalid/json/releases/download/v3.11.3/include.zip"
PASSED_ON = (
    *("TRITON_BUILD_PROTON", "TRITON_PARALLEL_LINK_JOBS", "TRITON_OFFLINE_BUILD"),
    *("LLVM_SYSPATH", "JSON_SYSPATH"),
)


def is_on(name, otherwise=""):
    return os.environ.get(name, otherwise).upper() in ("ON", "1", "YES", "TRUE", "Y")


@dataclass(frozen=True)
class Package:
    """What a build takes from elsewhere. + given: the variable that names a folder with it"""

    kind: str
    name: str
    url: str
    given: str


def llvm():
    revision = (HERE / "cmake/llvm-hash.txt").read_text().strip()[:8]
    minor = int((platform.libc_ver()[1] or "0.0").split(".")[1])
    fits = "ubuntu-x64" if minor > 28 else "almalinux-x64" if minor > 17 else "centos-x64"
    name = f"llvm-{revision}-{os.environ.get('TRITON_LLVM_SYSTEM_SUFFIX') or fits}"
    return Package("llvm", name, f"{BUILDS}/{name}.tar.gz", "LLVM_SYSPATH")


def folder(package):
    if package.given in os.environ:  # whatever it says
        return Path(os.environ[package.given])
    if is_on("TRITON_OFFLINE_BUILD"):
        raise RuntimeError(f"an offline build needs {package.given}, which is not set")
    base = os.environ.get("TRITON_HOME") or os.environ["HOME"]
    kept = Path(base) / ".triton" / package.kind
    version = kept / package.name / "version.txt"
    if not version.exists() or version.read_text() != package.url:
        shutil.rmtree(kept, ignore_errors=True)  # another version's goes too
        kept.mkdir(parents=True)
        print(f"downloading and extracting {package.url} ...", flush=True)
        with (
            urllib.request.urlopen(package.url, timeout=300) as stream,
            tarfile.open(fileobj=stream, mode="r|*") as archive,
        ):
            archive.extractall(kept)
        version.write_text(package.url)
    return version.parent


class CMakeBuild(build_ext):
    def run(self):
        try:
            said = subprocess.check_output(["cmake", "--version"], text=True)
        except OSError as problem:
            raise RuntimeError("CMake must be installed to build libtriton") from problem
        found = re.search(r"version (\d+)\.(\d+)", said)
        if not (3, 20) <= (int(found[1]), int(found[2])) < (4, 0):
            raise RuntimeError(f"CMake >= 3.20, < 4.0 is required, not {found[1]}.{found[2]}")
        for one in self.extensions:
            self.build_extension(one)

    def build_extension(self, ext):
        into = Path(self.get_ext_fullpath(ext.name)).resolve().parent / "triton/_C"
        flavour = "TritonRelBuildWithAsserts"
        options = [
            *("-G", "Ninja"),
            "-DCMAKE_MAKE_PROGRAM=" + shutil.which("ninja"),  # without one a TypeError, as ever
            f"-DCMAKE_LIBRARY_OUTPUT_DIRECTORY={into}",
            f"-DPython3_EXECUTABLE:FILEPATH={sys.executable}",
            f"-DPython3_INCLUDE_DIR={sysconfig.get_path('platinclude')}",
            f"-Dpybind11_INCLUDE_DIR={pybind11.get_include()}",
            f"-DCMAKE_BUILD_TYPE={flavour}",
        ]
        there = folder(llvm())
        options += [f"-DLLVM_INCLUDE_DIRS={there}/include", f"-DLLVM_LIBRARY_DIR={there}/lib"]
        if is_on("TRITON_BUILD_PROTON", "ON"):
            options.append(
                f"-DJSON_INCLUDE_DIR={folder(Package('json', '', JSON, 'JSON_SYSPATH'))}"
            )
        options += [f"-D{name}={os.environ[name]}" for name in PASSED_ON if name in os.environ]
        if is_on("TRITON_OFFLINE_BUILD"):
            options.append("-DTRITON_BUILD_UT=OFF")
        options += shlex.split(os.environ.get("TRITON_APPEND_CMAKE_ARGS", ""))
        python = f"{sys.implementation.name}-{sysconfig.get_python_version()}"
        build = HERE / f"build/cmake.{sysconfig.get_platform()}-{python}"
        build.mkdir(parents=True, exist_ok=True)
        jobs = os.environ.get("MAX_JOBS", str(2 * os.cpu_count()))
        make = ["cmake", "--build", "."]
        subprocess.check_call(["cmake", HERE, *options], cwd=build)
        subprocess.check_call([*make, "--config", flavour, f"-j{jobs}"], cwd=build)
        subprocess.check_call([*make, "--target", "mlir-doc"], cwd=build)


def git(*words):
    try:
        return subprocess.check_output(["git", *words], cwd=HERE, text=True).strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def suffix():
    own = ""
    if (HERE / ".git").is_dir() and not git("rev-parse", "--abbrev-ref", "HEAD").startswith(
        "release"
    ):
        commit = git("rev-parse", "--short=8", "HEAD")
        own = f"+git{commit}" if commit else ""
    more = os.environ.get("TRITON_WHEEL_VERSION_SUFFIX", "")
    return own + (more.replace("+", "-") if own else more)


setup(
    name=os.environ.get("TRITON_WHEEL_NAME", "triton"),
    version=VERSION + suffix(),
    description="regraft lab: a stand-in for Triton",
    python_requires=">=3.10,<3.15",
    packages=[*find_packages("python"), "triton.backends.amd"],
    package_dir={"": "python", "triton.backends.amd": "third_party/amd/backend"},
    entry_points={"triton.backends": ["amd = triton.backends.amd"]},
    ext_modules=[Extension("triton", [])],
    cmdclass={"build_ext": CMakeBuild},
    zip_safe=False,
)
