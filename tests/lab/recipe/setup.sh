#!/bin/sh
# Runs inside the new root, once: what Ubuntu Server's installer would have set up.
set -eu
rm /regraft-setup.sh

useradd --create-home --shell /bin/bash --groups sudo user
for home in /root /home/user; do
    mkdir -p "$home/.ssh"
    cp /usr/lib/regraft-lab/authorized_keys "$home/.ssh/"
    chmod 700 "$home/.ssh"
done
chown -R user:user /home/user/.ssh
chmod 440 /etc/sudoers.d/90-lab
rm /usr/lib/regraft-lab/authorized_keys

systemctl enable systemd-networkd.service regraft-lab-card.service
# apt of its own accord would hold the lock, and the CPU, at moments that no test chose
systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_reap.service
rm -f /etc/resolv.conf
echo 'nameserver 10.0.2.3' >/etc/resolv.conf
