# The container engine: docker, else podman; what it calls itself, which images it has, and where
# ($root). What calls itself docker can be podman.
kind=docker path=$(command -v docker) || path= root=
case $([ -z "$path" ] || timeout 20 "$path" --version 2>&1) in *[Pp]odman*) path= ;; esac
says='{{.ServerVersion}} {{.DockerRootDir}}'
if [ -z "$path" ]; then
    kind=podman says='{{.Version.Version}} {{.Store.GraphRoot}}' path=$(command -v podman) || path=
fi
if [ -n "$path" ]; then
    echo "kind $kind"
    echo "path $path"
    echo "unit $(systemctl show -p LoadState --value docker.service)"
    said=$(timeout 20 "$path" info -f "$says" 2>/dev/null | grep '^[0-9][^ ]* /')
    root=${said#* }
    echo "version ${said%% *}"
    timeout 20 "$path" image ls -aq --no-trunc 2>/dev/null | sed 's/^sha256://; s/^/image /' | sort -u
fi
