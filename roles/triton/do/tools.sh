# Have what running a Triton takes ($packages), and remember what came for its sake.
set -e
apt_bring /var/lib/regraft/triton-packages $packages
