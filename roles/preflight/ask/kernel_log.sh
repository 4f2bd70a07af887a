# What the kernel said of the cards: what comes once, at boot, apart from the talk of the driver.
dmesg 2>/dev/null | grep -iE 'pcie atomic|BAR [0-9]+.*(no space|failed)|error -12' | head -n 40
dmesg 2>/dev/null | grep -iE 'amdgpu|kfd' | tail -n 60
