#!/bin/sh
# Installs MelaScreen for the user who runs it, without root. Started by the self-extracting archive:
#
#     sh MelaScreen-VERSION-linux-x86_64.run [-- --into FOLDER]
#
# An older version in the same folder is replaced once the new one has passed its self-test. The history and the
# settings lie elsewhere and are never touched.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
folder=$data/melascreen-program

say() {
    printf '%s\n' "$1"
    if [ ! -t 1 ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then # started by a double click
        for tool in "zenity --no-markup --info --text" "kdialog --msgbox" "xmessage" "notify-send"; do
            if command -v "${tool%% *}" >/dev/null; then
                $tool "$1" || true
                return
            fi
        done
    fi
}

fail() {
    say "MelaScreen is not installed: $1" >&2
    exit 1
}

while [ $# -gt 0 ]; do
    case $1 in
    --into)
        [ $# -gt 1 ] || fail "--into needs a folder."
        folder=$2
        shift 2
        ;;
    *) fail "I know only --into FOLDER, not $1." ;;
    esac
done
case $folder in
/*) ;;
*) folder=${USER_PWD:-$(pwd)}/$folder ;; # makeself has changed the folder and keeps the user's
esac
parent=$(dirname "$folder")
mkdir -p "$parent" || fail "$parent can't be made."
folder=$(cd "$parent" && pwd)/$(basename "$folder")

if [ -d "$folder" ] && [ ! -f "$folder/files.txt" ] && [ -n "$(ls -A "$folder")" ]; then
    fail "$folder has other files in it; choose another folder by --into."
fi
for link in /proc/[0-9]*/exe; do
    if [ "$(readlink "$link" 2>/dev/null)" = "$folder/melascreen" ]; then
        fail "it is running from $folder. Close its window, then start this again."
    fi
done

new=$folder.new
rm -rf "$new"
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
cp -R -P -p "$here/program" "$new" || fail "$parent has no room for it, or can't be written."
"$new/melascreen" --self-test >"$here/self-test.log" 2>&1 ||
    fail "its self-test failed on this computer: $(tail -n 3 "$here/self-test.log")"

if [ -f "$folder/files.txt" ]; then
    sh "$folder/uninstall.sh" --quiet
fi
if [ -d "$folder" ]; then # something of the user's lies in it
    cp -R -P -p "$new/." "$folder/"
else
    mv "$new" "$folder"
fi

# beside the program: all that is made outside its folder, for the uninstaller
outside=$folder/outside.txt
: >"$outside"
(cd "$here/share" && find . -type f | LC_ALL=C sort) | while read -r file; do
    target=$data/${file#./}
    mkdir -p "$(dirname "$target")"
    cp "$here/share/$file" "$target"
    printf '%s\n' "$target" >>"$outside"
done
# a menu's entry with the program's whole path; % is a sign there, quotes keep spaces
quoted=$(printf '%s' "$folder/melascreen" | sed 's/%/%%/g; s/[\\"`$]/\\\\&/g')
entry=$data/applications/melascreen.desktop
awk -v line="Exec=\"$(printf '%s' "$quoted" | sed 's/\\/\\\\/g')\" %F" '/^Exec=/ { print line; next } { print }' \
    "$here/share/applications/melascreen.desktop" >"$entry"
mkdir -p "$HOME/.local/bin"
if [ ! -e "$HOME/.local/bin/melascreen" ] || [ -L "$HOME/.local/bin/melascreen" ]; then
    ln -sfn "$folder/melascreen" "$HOME/.local/bin/melascreen"
    printf '%s\n' "$HOME/.local/bin/melascreen" >>"$outside"
fi
update-desktop-database "$data/applications" 2>/dev/null || true
say "MelaScreen is installed in $folder and stands in the menu. To remove it: sh '$folder/uninstall.sh'"
