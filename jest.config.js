// One configuration: `npm run test:unit` is the quick loop; integration and e2e need the host n8n, long is for the parts of
// `npm test` that run only when named (scripts/lib/parts.mjs).
/** Packages that ship only ES modules: jest runs CommonJS, so swc turns them. */
const esm = [
	'eventsource-parser',
	'htmlparser2',
	'domhandler',
	'domelementtype',
	'domutils',
	'dom-serializer',
	'entities',
	'eld',
	'hyparquet',
	'hyparquet-writer',
	'@redactpii',
];

const common = {
	rootDir: __dirname,
	testEnvironment: 'node',
	setupFiles: ['<rootDir>/test/support/programs.ts'],
	transform: {
		'^.+\\.(ts|m?js)$': [
			'@swc/jest',
			{
				jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
				module: { type: 'commonjs', ignoreDynamic: false },
			},
		],
	},
	transformIgnorePatterns: [`/node_modules/(?!(${esm.join('|')})/)`],
	// `await import('./part/index.js')` names the built file; in the sources it is still .ts.
	moduleNameMapper: {
		'^(\\.{1,2}/.*)\\.js$': '$1',
		// Its exports name `import` alone, and jest asks as `require` does.
		'^eld/small$': '<rootDir>/node_modules/eld/src/entries/static.small.js',
	},
	modulePathIgnorePatterns: [
		'<rootDir>/dist/',
		'<rootDir>/.cache/',
		'<rootDir>/.data/',
		'<rootDir>/host/node_modules/',
		'<rootDir>/host/node/',
	],
};

/** The n8n that the suites of a run share. */
const n8n = {
	globalSetup: '<rootDir>/test/support/globalSetup.ts',
	globalTeardown: '<rootDir>/test/support/globalTeardown.ts',
};

module.exports = {
	testTimeout: 120_000,
	projects: [
		{ ...common, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
		{ ...common, ...n8n, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.test.ts'] },
		// other versions of n8n, each started by the tests themselves (npm test -- hosts)
		{ ...common, displayName: 'hosts', testMatch: ['<rootDir>/test/hosts/**/*.test.ts'] },
		{ ...common, ...n8n, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.test.ts'] },
		{ ...common, displayName: 'long', testMatch: ['<rootDir>/test/long/**/*.test.ts'] },
	],
};
