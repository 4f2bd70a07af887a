# Every archive, verified, before the first package goes: a mirror may leave in the middle.
without "$remove"
apt --download-only -o Dir::State::status="$status" $alone \
    --allow-downgrades --allow-change-held-packages install $install
