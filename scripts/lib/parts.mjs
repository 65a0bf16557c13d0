// What `npm test` can run. A further part is one entry here, and its tests.

/** What `npm test` may take on a new machine with two cores, installing included; each long part may take as long. */
export const BUDGET_MINUTES = 50;

/**
 * Two kinds of parts.
 *
 * A program: `program`, a file below the project's root, run with `args`; it passes when it ends with 0.
 *
 * Tests: `suite`, a project of jest.config.js. `files`: only test files whose path matches one of these patterns. `env`: further
 * environment (how many random cases, for instance). `needs`: what must be there first, names of scripts/lib/needs.mjs.
 *
 * `long`: runs only when it is named. Nothing in it may be skipped: what it needs and cannot get is a failure.
 */
export const PARTS = {
	lint: {
		title: 'n8n’s rules and typescript-eslint',
		program: 'node_modules/@n8n/node-cli/bin/n8n-node.mjs',
		args: ['lint'],
	},
	boundaries: {
		title: 'who may import whom (dependency-cruiser)',
		program: 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
		args: ['--config', '.dependency-cruiser.cjs', 'lib', 'nodes', 'credentials'],
	},
	duplicates: { title: 'code that stands twice (jscpd)', program: 'scripts/duplicates.mjs' },
	format: {
		title: 'format (prettier)',
		program: 'node_modules/prettier/bin/prettier.cjs',
		args: ['--check', '--log-level', 'warn', '.'],
	},
	typecheck: {
		title: 'types (tsc)',
		program: 'node_modules/typescript/bin/tsc',
		args: ['--noEmit', '-p', 'tsconfig.json'],
	},
	build: { title: 'dist/ from nothing', program: 'scripts/build.mjs' },
	unit: { title: 'lib and nodes by themselves', suite: 'unit' },
	integration: {
		title: 'in a real n8n, with real engines and databases',
		suite: 'integration',
		needs: ['n8n', 'python', 'servers'],
	},
	e2e: { title: 'in a real browser', suite: 'e2e', needs: ['n8n', 'browser'] },

	faults: {
		title:
			'indexes killed 50 times in each of sync, upsert and migrate; every write of every operation interrupted in three ways and by a kill; 1,000 random interleavings of four processes; 10,000 random filters on both back ends',
		long: true,
		suite: 'unit',
		files: ['unit/vectorIndex/', 'unit/ingest/', 'unit/cuts/', 'unit/interleavings/'],
		env: { KILLS: '50', RANDOM_FILTERS: '10000', CUTS: 'whole', INTERLEAVINGS: '1000' },
	},
	growth: {
		title: 'the time of everything that reads text, at the largest sizes that are accepted',
		long: true,
		suite: 'unit',
		files: ['unit/growth/', 'unit/gateway/growth'],
		env: { LOCAL_ENGINE_GROWTH: 'whole' },
	},
	hosts: {
		title:
			'all minor versions of n8n-workflow from n8n 1.120 on; every template in n8n 1.123, 2.0 and four later ones',
		long: true,
		suite: 'hosts',
		needs: ['n8n'],
	},
	musl: {
		title: 'the pack on musl, as an ordinary user with one folder to write to (Linux x64, as root)',
		long: true,
		suite: 'long',
		files: ['long/musl/'],
		needs: ['n8n'],
	},
	clients: {
		title:
			'Python and command-line clients through the gateway: each call of each SDK, and whole tasks of Codex, Claude Code and opencode (4 GB are installed)',
		long: true,
		suite: 'long',
		files: ['long/clients/'],
		needs: ['python', 'clients'],
	},
	engines: {
		title:
			'the client against a real vLLM on a CPU and the llama-server program, as a router too (Linux x64; 6 GB are installed)',
		long: true,
		suite: 'long',
		files: ['long/engines/'],
		needs: ['engines'],
	},
	qdrant: {
		title: 'the index behaviours on a real Qdrant server, and every write interrupted in three ways',
		long: true,
		suite: 'long',
		files: ['long/qdrant/'],
		needs: ['qdrant'],
		env: { RANDOM_FILTERS: '10000', CUTS: 'whole' },
	},
	cluster: {
		title: 'three real Qdrant nodes, killed, frozen and wiped in the middle of every operation',
		long: true,
		suite: 'long',
		files: ['long/cluster/'],
		needs: ['qdrantProgram'],
	},
};
