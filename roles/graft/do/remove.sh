# Take grafts ($names) away; what they had set aside comes back.
apt --allow-change-held-packages purge $names
