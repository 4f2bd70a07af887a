# What running a Triton takes, and building one: a C compiler and the headers of $python, which it
# compiles the start of each kernel with; and a C++ compiler.
"$python" -IS -c '
import os, sys, sysconfig
if os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    print("headers")
print("package python%d.%d-dev" % sys.version_info[:2])
' 2>/dev/null
command -v gcc >/dev/null && echo c
command -v g++ >/dev/null && echo c++
