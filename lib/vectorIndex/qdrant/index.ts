import type { Backend } from '../backend';
import { aliasOf, nameIn } from './alias';
import { clientOf, type Server } from './client';
import { createFirst, createNext, findVersion, list, remains, switchTo, versionsOf } from './collections';
import { QdrantIndex } from './qdrantIndex';

/** Indexes on a Qdrant server (1.18 or later), all of them or those of a space. */
export function qdrantBackend({ space, ...server }: Server & { readonly space?: string }): Backend {
	const alias = (name: string): string => aliasOf(space, name);
	return {
		create: async (name, settings) => await createFirst(clientOf(server), alias(name), settings),
		createVersion: async (name, settings, purpose) =>
			await createNext(clientOf(server), alias(name), settings, purpose),
		versions: async (name) => await versionsOf(clientOf(server), alias(name)),
		find: async (name, version) => {
			const found = await findVersion(clientOf(server), alias(name), version);
			return found && { ...found, index: new QdrantIndex(server, alias(name), version, found) };
		},
		remains: async (name) => await remains(clientOf(server), alias(name)),
		switchTo: async (name, version, ifLive) => await switchTo(clientOf(server), alias(name), version, ifLive),
		list: async () => await list(clientOf(server), (each) => nameIn(space, each)),
		open: (name, version) => new QdrantIndex(server, alias(name), version),
	};
}
