// One configuration, three projects: `npm run test:unit` is the quick loop; the other two need the host n8n (scripts/test.mjs).
/** Packages that ship only ES modules: jest runs CommonJS, so swc turns them. */
const esm = ['eventsource-parser'];

const common = {
	rootDir: __dirname,
	testEnvironment: 'node',
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
	modulePathIgnorePatterns: [
		'<rootDir>/dist/',
		'<rootDir>/.cache/',
		'<rootDir>/.data/',
		'<rootDir>/host/node_modules/',
		'<rootDir>/host/node/',
	],
};

module.exports = {
	projects: [
		{ ...common, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
		{ ...common, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.test.ts'] },
		{ ...common, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.test.ts'] },
	],
};
