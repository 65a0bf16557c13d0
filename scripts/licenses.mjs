// npm run docs:licenses: writes docs/third-party-licenses.md, every package that an installation brings with its licence, from the lock file.
import { writeFileSync } from 'node:fs';
import prettier from 'prettier';
import { inRoot, readJson } from './lib/paths.mjs';
import { copiedPackages } from './lib/copiedPackages.mjs';
import { runtimePackages } from './lib/runtimePackages.mjs';

const lock = readJson(inRoot('package-lock.json'));
const table = (packages) =>
	[
		'| package | version | licence |',
		'| --- | --- | --- |',
		...packages.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`),
	].join('\n');
const installed = runtimePackages(lock);
const page = `# Packages that an installation brings

Written by \`npm run docs:licenses\` from the lock file. \`npm run sbom\` prints the same as a software bill of materials (CycloneDX). What each direct
dependency is for stands in [dependencies](dependencies.md). The built-in models have their licences in their folders.

## Installed by npm

${table(installed)}

## Copied into the package

Parts of these are files of this package, with their licences beside them (\`dist/vendor\`).

${table(copiedPackages(lock))}
`;
const file = inRoot('docs', 'third-party-licenses.md');
writeFileSync(
	file,
	await prettier.format(page, { ...(await prettier.resolveConfig(file)), parser: 'markdown' }),
);
console.log(`${installed.length} packages → docs/third-party-licenses.md`);
