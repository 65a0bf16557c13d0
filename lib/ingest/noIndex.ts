import type { IndexSettings, VectorIndex } from '../vectorIndex';
import { IngestError } from './errors';

const nothing = async function* (): AsyncGenerator<never> {};
const refuse = (): Promise<never> =>
	Promise.reject(new IngestError('invalidOptions', 'There is no index yet, so only a preview is possible.'));

/** Stands for an index that does not exist yet, in a preview: it has no documents, and is not made. */
export function noIndex(settings: IndexSettings): VectorIndex {
	return {
		settings: async () => settings,
		get: async () => [],
		scan: nothing,
		count: async () => 0,
		tally: async () => new Map(),
		manifest: { get: async () => new Map(), scan: nothing, put: refuse, delete: refuse },
		pending: { coverage: async () => ({ rows: 0, pending: 0 }), oldest: async () => [], fill: refuse },
		close: async () => undefined,
		...{
			info: refuse,
			upsert: refuse,
			search: refuse,
			searchMany: refuse,
			delete: refuse,
			tune: refuse,
			drop: refuse,
		},
	};
}
