# AMD's lists anew, and the distribution's where it has none, without touching a package.
set -e
rm -rf "$stage" # of a run that was killed
has_lists || apt update
update "$sources_file" -o APT::Get::List-Cleanup=0
