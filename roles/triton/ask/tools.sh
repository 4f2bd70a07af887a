# The headers of $python, which a Triton that runs compiles the start of each kernel with.
"$python" -IS -c '
import os, sys, sysconfig
if os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    print("headers")
print("package python%d.%d-dev" % sys.version_info[:2])
' 2>/dev/null
