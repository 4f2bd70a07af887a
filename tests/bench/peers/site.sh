# The same box as site.yml makes it, by plain shell. Before it stand: packages, prefix, account, graft,
# version, holds; and put(), which writes one file that differs, and says so by setting written.
set -eu
put_all
if [ -n "$written" ]; then apt-get -qq update; fi
for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || lacking=yes
done
if [ -n "${lacking-}" ]; then apt-get -yqq install --no-install-recommends $packages; fi
[ "$(readlink -f /opt/rocm)" = "$prefix" ] || update-alternatives --set rocm "$prefix"
if [ -n "$written" ]; then
    ldconfig
    ! [ -S /run/udev/control ] || { udevadm control --reload-rules && udevadm trigger; }
fi
case " $(id -nG "$account") " in
*" render "*) ;;
*) usermod --append --groups render,video "$account" ;;
esac
if [ "$(dpkg-query -W -f '${Version} ${db:Status-Status}' "$graft" 2>/dev/null)" != "$version installed" ] ||
    [ -n "$(dpkg --verify "$graft")" ]; then
    apt-get -yqq install --reinstall "$deb"
fi
held=$(apt-mark showhold)
for package in $holds; do
    case "
$held
" in
    *"
$package
"*) ;;
    *) apt-mark hold "$package" ;;
    esac
done
