# Take grafts ($names) away; what they had set aside comes back.
apt $apt_here --allow-change-held-packages purge $names
