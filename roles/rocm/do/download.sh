# Every archive, verified, before the first package goes: a mirror may leave in the middle.
without "$remove"
apt --download-only -o Dir::State::status="$status" $(staged) \
    --allow-downgrades --allow-change-held-packages install $install || {
    rm -rf "$stage"
    exit 1
}
