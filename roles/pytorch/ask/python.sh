# What the Python ($python) that environments are made with is.
"$python" -IS -c '
import os, sys
print("version", "%d.%d.%d" % sys.version_info[:3])
print("machine", os.uname().machine)
print("libc", os.confstr("CS_GNU_LIBC_VERSION"))
if os.path.isdir(os.path.join(sys.base_prefix, "conda-meta")):
    print("conda", sys.base_prefix)
' 2>/dev/null
