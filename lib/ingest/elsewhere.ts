import { isObject, type JsonValue } from '../support';
import { PLACE_PREFIX, type ManifestStore } from '../vectorIndex';
import { IngestError } from './errors';

/*
 * An index that was moved stays in its old place, where it can be searched and moved back, but must not be written: what was stored
 * there would not be found. Its copy must not be written either until it is whole. Both are told by a row of the manifest.
 */

export const ELSEWHERE_KEY = `${PLACE_PREFIX}elsewhere`;

/** As the field "Stored In" names it. */
export type Place = 'Qdrant' | 'This Machine';

export async function markElsewhere(manifest: ManifestStore, place: Place): Promise<void> {
	await manifest.put(new Map([[ELSEWHERE_KEY, { place }]]));
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
	throw new IngestError(
		'moved',
		`This index is now stored in another place (${place}), so nothing was written here. Set Stored In to "${place}" in this node. To use this place again, run Move in the other direction.`,
	);
}

function placeIn(rows: ReadonlyMap<string, JsonValue>): Place | undefined {
	const value = rows.get(ELSEWHERE_KEY);
	const place = isObject(value) ? value.place : undefined;
	return place === 'Qdrant' || place === 'This Machine' ? place : undefined;
}
