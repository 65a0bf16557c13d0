// n8n's own rules for community nodes (without the n8n-Cloud ones: the pack has dependencies and a file-based index),
// and typescript-eslint's type-aware rules for everything that is TypeScript.
import { configWithoutCloudSupport } from '@n8n/node-cli/eslint';
import js from '@eslint/js';
import redos from 'eslint-plugin-redos';
import regexp from 'eslint-plugin-regexp';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const nodeRules = configWithoutCloudSupport
	.flatMap(({ rules }) => Object.keys(rules ?? {}))
	.filter((rule) => rule.startsWith('@n8n/community-nodes/'));

export default defineConfig(
	globalIgnores(['dist', 'coverage', '.cache', '.data', '**/node_modules', 'test/fixtures', 'bench/.data']),
	configWithoutCloudSupport,
	{
		files: ['lib/**/*.ts', 'nodes/**/*.ts', 'credentials/**/*.ts', 'test/**/*.ts'],
		extends: [tseslint.configs.recommendedTypeChecked],
		languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
		rules: {
			'@typescript-eslint/consistent-type-imports': 'error',
			// `_` is what is left out on purpose.
			'@typescript-eslint/no-unused-vars': [
				'error',
				{ argsIgnorePattern: '^_+$', varsIgnorePattern: '^_+$' },
			],
			'@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }],
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': [
				'error',
				{ considerDefaultExhaustiveForUnions: true },
			],
			// an interface may be asynchronous where one implementation has nothing to wait for
			'@typescript-eslint/require-await': 'off',
			eqeqeq: 'error',
		},
	},
	{
		// Text from outside reaches most patterns: none may take more than linear time. Two analysers, because each misses what the
		// other finds; a pattern that they cannot finish with counts as unsafe. Patterns made at run time escape both.
		files: ['lib/**/*.ts', 'nodes/**/*.ts', 'credentials/**/*.ts'],
		plugins: { redos, regexp },
		rules: {
			'redos/no-vulnerable': ['error', { ignoreErrors: false, timeout: 5000, cache: false }],
			'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
			'regexp/no-super-linear-move': [
				'error',
				{ report: 'potential', ignorePartial: false, ignoreSticky: false },
			],
			'no-restricted-syntax': [
				'error',
				{
					selector: ':matches(NewExpression, CallExpression)[callee.name="RegExp"]',
					message: 'A pattern made at run time is not checked: look for the text itself, or use re2js.',
				},
			],
		},
	},
	{
		// Patterns of schemas that RE2 cannot express run in a worker thread that is ended after a second.
		files: ['lib/support/schema/worker.ts'],
		rules: { 'no-restricted-syntax': 'off' },
	},
	{
		// lib is framework-free: its errors are its own; the nodes turn them into n8n's (nodes/shared/runtime/errors.ts).
		files: ['lib/**/*.ts'],
		rules: { '@n8n/community-nodes/require-node-api-error': 'off' },
	},
	{
		// Tests read parsed JSON field by field; the assertions are the check. They start programs and print figures, and
		// are no node code: n8n's rules for nodes are not about them.
		files: ['test/**/*.ts'],
		rules: {
			...Object.fromEntries(nodeRules.map((rule) => [rule, 'off'])),
			'no-console': 'off',
			'@typescript-eslint/no-unsafe-argument': 'off',
			'@typescript-eslint/no-unsafe-assignment': 'off',
			'@typescript-eslint/no-unsafe-call': 'off',
			'@typescript-eslint/no-unsafe-member-access': 'off',
			'@typescript-eslint/no-unsafe-return': 'off',
		},
	},
	{
		// n8n ships the Qdrant, Postgres and webhook credentials itself; users who have one should not have to make another.
		files: [
			'nodes/VectorIndex/VectorIndex.node.ts',
			'nodes/VectorStore/VectorStore.node.ts',
			'nodes/Distillation/Distillation.node.ts',
			'nodes/Experiment/Experiment.node.ts',
			'nodes/Reports/Reports.node.ts',
		],
		rules: {
			'n8n-nodes-base/node-class-description-credentials-name-unsuffixed': 'off',
			'@n8n/community-nodes/no-credential-reuse': 'off',
			'@n8n/community-nodes/valid-credential-references': 'off',
		},
	},
	{
		// Its webhooks are n8n's own; there is no third party to register them with.
		files: ['nodes/EngineGateway/EngineGateway.node.ts'],
		rules: { '@n8n/community-nodes/webhook-lifecycle-complete': 'off' },
	},
	{
		// What takes much memory or could hang runs in processes of our own (the encoder, a fast sync, tidying, reading files).
		// The programs and their command lines are fixed: no input reaches them.
		files: ['lib/support/process/ownProcess.ts'],
		rules: { '@n8n/community-nodes/no-dangerous-functions': 'off' },
	},
	{
		// Two rules of the catalogue of verified nodes, which this pack cannot be in (docs/dependencies.md says why):
		// it has run-time dependencies, and its overrides keep 400 MB of unused ones out of every installation.
		files: ['package.json'],
		rules: {
			'@n8n/community-nodes/no-runtime-dependencies': 'off',
			'@n8n/community-nodes/no-overrides-field': 'off',
		},
	},
	{
		files: ['**/*.{mjs,cjs,js}'],
		extends: [js.configs.recommended],
		languageOptions: { ecmaVersion: 2024, globals: globals.node },
		rules: { eqeqeq: 'error', 'prefer-const': 'error' },
	},
);
