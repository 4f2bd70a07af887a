# What the kernel said of the cards: what comes once, at boot, apart from the talk of the driver.
dmesg 2>/dev/null | awk '
    {line = tolower($0)}
    line ~ /pcie atomic|bar [0-9]+.*(no space|failed)|error -12/ && early++ < 40 {print}
    line ~ /amdgpu|kfd/ {said[++count] = $0}
    END {for (i = count > 60 ? count - 59 : 1; i <= count; i++) print said[i]}'
