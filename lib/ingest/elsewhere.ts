import { isObject, type JsonValue } from '../support';
import { type IndexPlace, PLACE_PREFIX, type ManifestStore, serversOf } from '../vectorIndex';
import { IngestError } from './errors';

/*
 * An index that was moved stays in its old place, where it can be searched and moved back, but must not be written: what was stored
 * there would not be found. Its copy must not be written either until it is whole. Both are told by a row of the manifest.
 */

export const ELSEWHERE_KEY = `${PLACE_PREFIX}elsewhere`;

/** Where an index is stored. */
export interface Place {
	/** As the field "Stored In" names it. */
	readonly storedIn: 'Qdrant' | 'This Machine';
	/** Addresses of the Qdrant server, without passwords. */
	readonly servers: readonly string[];
}

export const placeOf = (address: IndexPlace): Place => ({
	storedIn: address.backend === 'qdrant' ? 'Qdrant' : 'This Machine',
	servers: serversOf(address),
});

/** Whether both name the same place: of two servers, by one address that both have. */
export const isSamePlace = (one: Place, other: Place): boolean =>
	one.storedIn === other.storedIn &&
	(one.servers.length === 0 || one.servers.some((server) => other.servers.includes(server)));

/** For people. */
export const nameOf = ({ storedIn, servers: [server] }: Place): string =>
	server === undefined ? storedIn : `${storedIn} at ${server}`;

export async function markElsewhere(manifest: ManifestStore, { storedIn, servers }: Place): Promise<void> {
	await manifest.put(new Map([[ELSEWHERE_KEY, { place: storedIn, servers: [...servers] }]]));
}

export async function unmark(manifest: ManifestStore): Promise<void> {
	await manifest.delete([ELSEWHERE_KEY]);
}

/** Where the index is written; undefined for here. */
export async function markOf(manifest: ManifestStore): Promise<Place | undefined> {
	return placeIn(await manifest.get([ELSEWHERE_KEY]));
}

/** @throws IngestError `moved` where the index is written in another place */
export async function assertHere(manifest: ManifestStore): Promise<void> {
	refuseElsewhere(await manifest.get([ELSEWHERE_KEY]));
}

/** The same for rows that were read with others, under {@link ELSEWHERE_KEY}. */
export function refuseElsewhere(rows: ReadonlyMap<string, JsonValue>): void {
	const place = placeIn(rows);
	if (place === undefined) return;
	const select = place.servers.length > 0 ? ' and select the credential of that server' : '';
	throw new IngestError(
		'moved',
		`This index is now stored in another place (${nameOf(place)}), so nothing was written here. Set Stored In to "${place.storedIn}" in this node${select}. To use this place again, run Move in the other direction.`,
	);
}

function placeIn(rows: ReadonlyMap<string, JsonValue>): Place | undefined {
	const value = rows.get(ELSEWHERE_KEY);
	if (!isObject(value)) return undefined;
	const { place: storedIn, servers } = value;
	if (storedIn !== 'Qdrant' && storedIn !== 'This Machine') return undefined;
	const texts = Array.isArray(servers) ? servers.filter((each) => typeof each === 'string') : [];
	return { storedIn, servers: texts };
}
