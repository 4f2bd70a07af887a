# Install a graft ($deb, whose sha256 is $sum), and leave nothing of it lying about.
set -e
trap 'rm -rf "${deb%/*}"' EXIT
echo "$sum  $deb" | sha256sum --check --quiet --strict >&2
apt $apt_here --no-remove --allow-downgrades --reinstall install "$deb"
