// What n8n's scan of community packages finds: node scripts/scan.mjs [--packed FOLDER]. n8n's own rules, for the sources or for the files
// of an unpacked tarball; neither our settings nor comments turn one off. Prints a line of JSON per finding. docs/dependencies.md
// explains those that stay.
import { createRequire } from 'node:module';
import path from 'node:path';
import { config } from '@n8n/node-cli/eslint';
import { ESLint } from 'eslint';

const root = path.join(import.meta.dirname, '..');
// n8n's command line for nodes brings them, in the versions that it goes with
const require = createRequire(path.join(root, 'node_modules/@n8n/node-cli/package.json'));
const { n8nCommunityNodesPlugin } = require('@n8n/eslint-plugin-community-nodes');
const { parser } = require('typescript-eslint');

const ofSources = {
	cwd: root,
	files: ['package.json', '{nodes,credentials}/**/*.ts'],
	config,
};
const ofTarball = (folder) => ({
	cwd: path.resolve(folder),
	files: ['**/*.{js,json}'],
	config: [
		n8nCommunityNodesPlugin.configs.recommended,
		{ rules: { 'no-console': 'error' } },
		{ files: ['**/*.json'], languageOptions: { parser } },
	].flat(),
});

const [, , flag, folder = '.'] = process.argv;
const { cwd, files, config: overrideConfig } = flag === '--packed' ? ofTarball(folder) : ofSources;
const eslint = new ESLint({ cwd, allowInlineConfig: false, overrideConfigFile: true, overrideConfig });
for (const { filePath, messages } of await eslint.lintFiles(files))
	for (const { ruleId, line, message, severity } of messages)
		if (severity === 2 && /^(?:@n8n\/|n8n-|no-console$)/.test(String(ruleId)))
			console.log(JSON.stringify({ rule: ruleId, file: path.relative(cwd, filePath), line, message }));
