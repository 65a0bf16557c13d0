// npm run sbom: a software bill of materials (CycloneDX) of what an installation brings: what npm installs on any platform, and the packages
// of which the build copies parts. `npm sbom --omit=dev --omit=peer` would leave out what a development package or a peer also needs.
import { copiedPackages } from './lib/copiedPackages.mjs';
import { inRoot, readJson } from './lib/paths.mjs';
import { runtimePackages } from './lib/runtimePackages.mjs';

const component = (type, { name, version, license }) => {
	const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
	const licenses = [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }];
	return { type, 'bom-ref': purl, name, version, purl, licenses };
};

const lock = readJson(inRoot('package-lock.json'));
const bill = {
	bomFormat: 'CycloneDX',
	specVersion: '1.6',
	version: 1,
	metadata: {
		timestamp: new Date().toISOString(),
		component: component('library', readJson(inRoot('package.json'))),
	},
	components: [...runtimePackages(lock), ...copiedPackages(lock)].map((each) => component('library', each)),
};
console.log(JSON.stringify(bill, null, 2));
