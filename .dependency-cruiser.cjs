// Which module of lib may import which others; the table of CONTRIBUTING.md as rules.
const modules = {
	support: [],
	spaces: [],
	engine: [],
	gateway: ['engine'],
	embedding: ['engine'],
	chunking: [],
	vectorIndex: [],
	documents: [],
	ingest: ['documents', 'chunking', 'embedding', 'vectorIndex'],
	answering: ['engine', 'embedding'],
	experiment: [],
	reports: [],
	evaluation: ['vectorIndex', 'experiment'],
	distillation: ['engine', 'experiment'],
};

const moduleRules = Object.entries(modules).map(([name, allowed]) => ({
	name: `lib-${name}`,
	comment: `lib/${name} may import ${['support', ...allowed].join(', ')} only`,
	severity: 'error',
	from: { path: `^lib/${name}/` },
	to: { path: '^(lib|nodes|credentials)/', pathNot: `^lib/(${[name, 'support', ...allowed].join('|')})/` },
}));

module.exports = {
	forbidden: [
		...moduleRules,
		{
			name: 'lib-knows-no-n8n',
			comment: 'lib is framework-free: nothing of n8n or LangChain',
			severity: 'error',
			from: { path: '^lib/' },
			to: { path: 'node_modules/(n8n-|@n8n/|@langchain/|langchain/)' },
		},
		{
			name: 'entry-points-only',
			comment:
				'import lib/<module>, which is its index.ts, not a file inside it; files of lib/support are imported by name',
			severity: 'error',
			from: { path: '^(lib/([^/]+)/|nodes/|credentials/)' },
			to: { path: '^lib/([^/]+)/', pathNot: ['^lib/$2/', '^lib/[^/]+/index\\.ts$', '^lib/support/'] },
		},
		{
			name: 'credentials-only-engine',
			severity: 'error',
			from: { path: '^credentials/' },
			to: { path: '^(lib|nodes)/', pathNot: '^lib/engine/' },
		},
		{
			name: 'no-circular',
			comment: 'no circle of imports, types included',
			severity: 'error',
			from: {},
			to: { circular: true },
		},
		{ name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		// Older versions of Node do not list it among their own modules.
		builtInModules: { add: ['sqlite', 'node:sqlite'] },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		enhancedResolveOptions: {
			exportsFields: ['exports'],
			conditionNames: ['import', 'require', 'node', 'default', 'types'],
		},
	},
};
