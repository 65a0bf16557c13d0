import { incomplete, IndexError } from '../errors';
import type { Backend } from '../backend';
import { Catalog, versionsOf } from './catalog';
import { EmbeddedIndex } from './embeddedIndex';
import type { Place } from './place';
import { createTables } from './version';

/** Indexes in a folder or object store, kept by LanceDB. */
export function embeddedBackend(place: Place): Backend {
	if (typeof place.directory !== 'string' || place.directory === '') {
		throw new IndexError('invalidSettings', 'The embedded index needs a folder to live in.');
	}
	return {
		async create(name, settings) {
			const catalog = await Catalog.open(place);
			const version = await catalog.begin(name, settings);
			if (version === undefined) return false;
			await createTables(place, name, version, settings);
			const made = await catalog.switchTo(name, version, null);
			await catalog.sweep();
			return made;
		},
		async createVersion(name, settings, purpose) {
			const catalog = await Catalog.open(place);
			const version = await catalog.addVersion(name, settings, purpose);
			await createTables(place, name, version, settings);
			await catalog.made(name, version);
			await catalog.sweep();
			return version;
		},
		async versions(name) {
			const entry = await (await Catalog.open(place)).get(name);
			return entry?.live === undefined ? undefined : versionsOf(entry);
		},
		async find(name, version) {
			const entry = await (await Catalog.open(place)).get(name);
			const versions = entry?.live === undefined ? [] : versionsOf(entry);
			const found = versions.find((each) => (version === undefined ? each.live : each.version === version));
			return found && { ...found, index: new EmbeddedIndex(place, name, version) };
		},
		async remains(name) {
			const entry = await (await Catalog.open(place)).get(name);
			return entry && entry.live === undefined ? incomplete(name) : undefined;
		},
		async switchTo(name, version, ifLive) {
			return await (await Catalog.open(place)).switchTo(name, version, ifLive);
		},
		async list() {
			return await (await Catalog.open(place)).list();
		},
		open: (name, version) => new EmbeddedIndex(place, name, version),
	};
}
