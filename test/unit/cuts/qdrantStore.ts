import { tmpdir } from 'node:os';
import type * as Ingest from '../../../lib/ingest';
import type * as Index from '../../../lib/vectorIndex';
import { CutProxy } from './cutProxy';
import { Cutter } from './faults';
import { runKilled } from './kill';
import type { Process } from './operations';
import type { Place, Storage } from './suite';

let rounds = 0;

/** Indexes on the Qdrant server that `connect` resolves to the address of. */
export function qdrantStorage(
	connect: () => Promise<string>,
	apiKey?: string,
): Storage & { readonly start: () => Promise<void>; readonly stop: () => Promise<void> } {
	const cutter = new Cutter();
	let server = '';
	let url = '';
	let proxy: CutProxy | undefined;

	function load(name: string): Process {
		return {
			index: jest.requireActual<typeof Index>('../../../lib/vectorIndex'),
			ingest: jest.requireActual<typeof Ingest>('../../../lib/ingest'),
			address: { backend: 'qdrant', url, name, ...(apiKey !== undefined && { apiKey }) },
		};
	}

	async function parts(name: string): Promise<{ readonly [kind: string]: number }> {
		const answer = await fetch(`${server}/collections`, {
			headers: apiKey === undefined ? {} : { 'api-key': apiKey },
		});
		const { result } = (await answer.json()) as { result: { collections: Array<{ name: string }> } };
		const counts: Record<string, number> = {};
		for (const { name: each } of result.collections) {
			if (!each.startsWith(`${name}--`)) continue;
			const kind = each.endsWith('-keys') ? 'keys' : 'rows';
			counts[kind] = (counts[kind] ?? 0) + 1;
		}
		return { keys: counts.keys ?? 0, rows: counts.rows ?? 0 };
	}

	return {
		cutter,
		async start() {
			server = await connect();
			proxy = new CutProxy(server, cutter);
			url = await proxy.start();
		},
		async stop() {
			await proxy?.stop();
		},
		async prepared(operation): Promise<Place> {
			const name = `cut-${process.pid}-${Date.now().toString(36)}-${++rounds}`;
			cutter.set();
			await operation.prepare(load(name));
			return {
				async killed({ name: asked }, at, after) {
					cutter.set(at, after ? 'swallow' : 'hang');
					const { address } = load(name);
					return await runKilled({ address, operation: asked, after }, tmpdir(), cutter.hanging);
				},
				process(anew) {
					if (anew) jest.resetModules();
					return load(name);
				},
				tidy: async () => undefined,
				parts: async () => await parts(name),
			};
		},
	};
}
