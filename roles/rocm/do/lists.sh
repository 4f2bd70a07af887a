# AMD's lists anew ($everything: the distribution's too), without touching a package.
set -e
rm -rf "$stage" # of a run that was killed
[ -z "$everything" ] || apt update
update "$sources_file" -o APT::Get::List-Cleanup=0
