#!/bin/sh
# Measures everything that docs/performance.md says: `bench/figures.sh FOLDER` writes the tables, every single run and
# the picture into the folder. It takes an hour and needs 60 GB; --short leaves out the million posts.
set -eu
here=$(dirname "$0")
out=${1:?name a folder for the figures}
mkdir -p "$out"

"$here/compare.py" --sizes 10000 --json "$out/compare.json" >"$out/compare.md"
"$here/compare.py" --sizes 10000 --no-code --json "$out/no-code.json" >"$out/no-code.md"
"$here/ingest.py" --posts 10000 >"$out/ingest.md"
"$here/preview.py" --posts 10000 >"$out/preview.md"
"$here/preview.py" --posts 100000 --kinds text,title >"$out/preview-100000.md"
if [ "${2:-}" = --short ]; then
    "$here/compare.py" --engines pressrun --sizes 1000,10000,100000 --picture "$out/growth.svg" >"$out/growth.md"
else
    "$here/compare.py" --million --repeat 1 --picture "$out/growth.svg" --json "$out/growth.json" >"$out/growth.md"
fi
