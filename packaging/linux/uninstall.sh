#!/bin/sh
# Removes what MelaScreen's installer has put on this computer, and nothing else: the history and the settings stay.
set -eu

folder=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
[ -f "$folder/files.txt" ] || {
    echo "$folder has no list of what was installed; nothing is removed." >&2
    exit 1
}
for link in /proc/[0-9]*/exe; do
    if [ "$(readlink "$link" 2>/dev/null)" = "$folder/melascreen" ]; then
        echo "MelaScreen is running. Close its window, then start this again." >&2
        exit 1
    fi
done
if [ -f "$folder/outside.txt" ]; then
    while read -r file; do
        case $file in
        */bin/melascreen) [ "$(readlink "$file")" = "$folder/melascreen" ] || continue ;; # another copy's by now
        esac
        rm -f "$file"
        parent=$(dirname "$file")
        while case $parent in "$data"/*) true ;; *) false ;; esac && rmdir "$parent" 2>/dev/null; do
            parent=$(dirname "$parent")
        done
    done <"$folder/outside.txt"
    rm -f "$folder/outside.txt"
fi
cd "$folder"
while read -r file; do
    if [ -d "$file" ] && [ ! -L "$file" ]; then
        rmdir "$file" 2>/dev/null || true # what somebody put there stays
    else
        rm -f "$file"
    fi
done <files.txt
cd /
rmdir "$folder" 2>/dev/null || true
[ "${1:-}" = --quiet ] && exit 0
update-desktop-database "$data/applications" 2>/dev/null || true
if [ "$(ls -A "$data/applications" 2>/dev/null)" = mimeinfo.cache ]; then # of no entries
    rm "$data/applications/mimeinfo.cache"
    rmdir "$data/applications"
fi
echo "MelaScreen is removed. The history and the settings are kept."
