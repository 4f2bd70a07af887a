# Whether an environment's Python runs: as its owner, who may have put anything in its place.
runuser -u "$owner" -- "$venv/bin/python" -ISc pass 2>/dev/null && echo 'runs yes'
