#!/bin/sh
# Puts the pack into n8n's folder of community nodes, as n8n's own installer does. Runs before n8n starts, as n8n's user.
# PACK: a name with a version for npm, or the path of a tarball.
set -eu
pack="${PACK:-n8n-nodes-local-engine@latest}"
folder=/home/node/.n8n/nodes/node_modules/n8n-nodes-local-engine
work="$(mktemp -d /home/node/.n8n/install-XXXXXX)"
trap 'rm -rf "$work"' EXIT

cd "$work"
npm pack "$pack" --pack-destination . >/dev/null
mkdir package
tar -xzf ./*.tgz -C package --strip-components=1
cd package
# The same version is there already: nothing to do, no network needed next time n8n starts.
if [ -f "$folder/.installed" ] && cmp -s package.json "$folder/.installed"; then
	echo "$pack is installed."
	exit 0
fi
cp package.json .installed
npm install --omit=dev --omit=peer --omit=optional --ignore-scripts --install-strategy=shallow --no-audit --no-fund --no-package-lock
mkdir -p "$(dirname "$folder")"
rm -rf "$folder"
mv "$PWD" "$folder"
echo "$pack is ready."
