import { IndexError } from '../errors';
import type { Backend } from '../backend';
import { Catalog, newVersion, versionsOf } from './catalog';
import { EmbeddedIndex } from './embeddedIndex';
import type { Place } from './lance';
import { openVersion } from './version';

/** Indexes in a folder or object store, kept by LanceDB. */
export function embeddedBackend(place: Place): Backend {
	if (typeof place.directory !== 'string' || place.directory === '') {
		throw new IndexError('invalidSettings', 'The embedded index needs a folder to live in.');
	}
	return {
		async create(name, settings) {
			const catalog = await Catalog.open(place);
			const version = newVersion();
			if (!(await catalog.add(name, version, settings))) return false;
			await openVersion(place, name, version, settings);
			await catalog.sweep();
			return true;
		},
		async createVersion(name, settings) {
			const version = newVersion();
			await (await Catalog.open(place)).addVersion(name, version, settings);
			await openVersion(place, name, version, settings);
			return version;
		},
		async versions(name) {
			const entry = await (await Catalog.open(place)).get(name);
			return entry && versionsOf(entry);
		},
		async switchTo(name, version) {
			await (await Catalog.open(place)).switchTo(name, version);
		},
		async list() {
			return await (await Catalog.open(place)).list();
		},
		open: (name, version) => new EmbeddedIndex(place, name, version),
	};
}
