// npm run docs:licenses: writes docs/third-party-licenses.md, every package that an installation brings with its licence, from the lock file.
import { writeFileSync } from 'node:fs';
import prettier from 'prettier';
import { inRoot, readJson } from './lib/paths.mjs';
import { runtimePackages } from './lib/runtimePackages.mjs';

const rows = runtimePackages(readJson(inRoot('package-lock.json'))).map(
	({ name, version, license }) => `| ${name} | ${version} | ${license} |`,
);
const page = `# Packages that an installation brings

Written by \`npm run docs:licenses\` from the lock file. \`npm run sbom\` prints the same as a software bill of materials (CycloneDX). What each direct
dependency is for stands in [dependencies](dependencies.md). ONNX Runtime (MIT), whose files are part of this package, has its
[licence](licenses/onnxruntime.txt) beside them, and the built-in models have theirs in their folders.

| package | version | licence |
| --- | --- | --- |
${rows.join('\n')}
`;
const file = inRoot('docs', 'third-party-licenses.md');
writeFileSync(
	file,
	await prettier.format(page, { ...(await prettier.resolveConfig(file)), parser: 'markdown' }),
);
console.log(`${rows.length} packages → docs/third-party-licenses.md`);
