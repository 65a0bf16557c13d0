import type { Backend } from '../backend';
import { clientOf, type Server } from './client';
import { createFirst, createNext, list, switchTo, versionsOf } from './collections';
import { QdrantIndex } from './qdrantIndex';

/** Indexes on a Qdrant server (1.18 or later). */
export function qdrantBackend(server: Server): Backend {
	return {
		create: async (name, settings) => await createFirst(clientOf(server), name, settings),
		createVersion: async (name, settings) => await createNext(clientOf(server), name, settings),
		versions: async (name) => await versionsOf(clientOf(server), name),
		switchTo: async (name, version) => await switchTo(clientOf(server), name, version),
		list: async () => await list(clientOf(server)),
		open: (name, version) => new QdrantIndex(server, name, version),
	};
}
