# Settings that change what ROCm does, written by hand or by a guide, for every later program.
names='HSA_OVERRIDE_GFX_VERSION|ROCBLAS_TENSILE_LIBPATH|HIP_VISIBLE_DEVICES|ROCR_VISIBLE_DEVICES'
grep -sHnE "^[^#]*($names)=|conda initialize" /etc/environment /etc/environment.d/* /etc/profile /etc/profile.d/* \
    /etc/bash.bashrc "$home/.profile" "$home/.bashrc" "$home/.bash_profile" "$home/.zshrc" \
    "$home"/.config/environment.d/*
