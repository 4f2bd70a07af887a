# What the Python ($python) that environments are made with is.
"$python" -IS -c '
import os, platform, sys
print("version", "%d.%d.%d" % sys.version_info[:3])
print("machine", platform.machine())
print("libc", " ".join(platform.libc_ver()))
if os.path.isdir(os.path.join(sys.base_prefix, "conda-meta")):
    print("conda", sys.base_prefix)
' 2>/dev/null
"$python" -I -c 'import ensurepip, venv' 2>/dev/null && echo 'venv yes'
