#!/bin/sh
# Installs the program into a folder, ready to run: its source, which Node.js runs as it is, and the libraries of the lock file.
# Run in the root of the repository. No tests, no development tools, and no Node.js: the image brings its own.
set -eu
[ "$#" = 1 ] || { echo "usage: deploy/image/install.sh FOLDER" >&2; exit 2; }
[ -f package-lock.json ] || { echo "install.sh: run this in the root of the repository" >&2; exit 2; }
mkdir -p "$1"
tar -cf - --exclude='*.test.ts' --exclude='*.test-support.ts' --exclude=testing --exclude=node_modules --exclude=examples \
  LICENSE package.json package-lock.json packages | tar -xf - -C "$1"
cd "$1"
npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
