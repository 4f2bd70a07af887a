# Who has put a Triton among these packages, and whether it is as it was brought. $python reads what pip
# has recorded: the environment's own may be anyone's.
set -- $(grep -l '^triton/__init__\.py,' ./*.dist-info/RECORD 2>/dev/null)
[ $# -gt 0 ] || exit 0
"$python" -IS -c '
import base64, csv, hashlib, os, sys
recorded = set()
for record in sys.argv[1:]:
    print("claims", record.split("/")[1].removesuffix(".dist-info"))
    for path, told, *_ in csv.reader(open(record, newline="")):
        if not path.startswith("triton/"):
            continue
        recorded.add(path)
        kind, _, wanted = told.partition("=")
        try:
            found = hashlib.new(kind or "sha256", open(path, "rb").read()).digest()
        except OSError:
            found = b""
        if kind and base64.urlsafe_b64encode(found).decode().rstrip("=") != wanted:
            print("bad", path)
for folder, _, names in os.walk("triton"):
    for name in names:
        path = os.path.join(folder, name)
        if path not in recorded and not path.endswith(".pyc"):
            print("loose", path)
' "$@"
