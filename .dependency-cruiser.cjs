// The floor plan as rules: which room may import which (see CONTRIBUTING.md).
const rooms = {
	support: [],
	engine: [],
	gateway: ['engine'],
	embedding: ['engine'],
	chunking: [],
	vectorIndex: [],
	documents: [],
	ingest: ['documents', 'chunking', 'embedding', 'vectorIndex'],
	answering: ['engine', 'embedding'],
	experiment: [],
	evaluation: ['vectorIndex', 'experiment'],
	distillation: ['engine', 'experiment'],
};

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
	name: `lib-${room}`,
	comment: `lib/${room} may import ${['support', ...allowed].join(', ')} only`,
	severity: 'error',
	from: { path: `^lib/${room}/` },
	to: { path: '^(lib|nodes|credentials)/', pathNot: `^lib/(${[room, 'support', ...allowed].join('|')})/` },
}));

module.exports = {
	forbidden: [
		...roomRules,
		{
			name: 'lib-knows-no-n8n',
			comment: 'lib is framework-free: nothing of n8n or LangChain',
			severity: 'error',
			from: { path: '^lib/' },
			to: { path: 'node_modules/(n8n-|@n8n/|@langchain/|langchain/)' },
		},
		{
			name: 'rooms-are-entered-by-the-door',
			comment: 'import lib/<room>, not a file inside it',
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
			severity: 'error',
			from: {},
			to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
		},
		{ name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		enhancedResolveOptions: {
			exportsFields: ['exports'],
			conditionNames: ['import', 'require', 'node', 'default', 'types'],
		},
	},
};
