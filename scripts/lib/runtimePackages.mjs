/** Packages whose package.json names no licence, with that of their LICENSE file. */
const STATED = { 'json-bignum': 'MIT' };

/**
 * What `npm install` brings to somebody who installs the pack, from a lock file: dependencies and theirs, the binaries of all
 * platforms included; development packages and peers are not.
 */
export function runtimePackages({ packages }) {
	const found = new Map();
	const visit = (name, from) => {
		const place = placeOf(packages, name, from);
		if (place === undefined || found.has(place)) return;
		const { version, license, name: real = name, dependencies, optionalDependencies } = packages[place];
		found.set(place, { name: real, version, license: license ?? STATED[real] });
		for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, place);
	};
	for (const name of Object.keys(packages[''].dependencies)) visit(name, '');
	const unique = new Map([...found.values()].map((each) => [`${each.name}@${each.version}`, each]));
	return [...unique.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** As Node looks for a package: in node_modules of the folder, then of those above it. */
function placeOf(packages, name, from) {
	for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
		const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
		if (place in packages) return place;
		if (folder === '') return undefined;
	}
}
