# The lists that were fetched with the sources that now come into /etc.
set -e
cp -alf "$stage/lists/." /var/lib/apt/lists/
