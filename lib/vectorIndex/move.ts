import type { CallContext } from '../support';
import { IndexError } from './errors';
import { dropIndex, openIndex } from './open';
import { restoreIndex, snapshotIndex } from './snapshot';
import type { IndexAddress, VectorIndex } from './types';

/**
 * Moves an index to another place: copies its live version with settings and manifest, then drops it where it was. A run that is
 * killed before that is done leaves the source as it was; run again, it goes on.
 *
 * @throws IndexError `notFound`, `alreadyExists` (the target is there), `conflict` (it was written to meanwhile; nothing is moved)
 */
export async function moveIndex(
	from: IndexAddress,
	to: IndexAddress,
	call: CallContext = {},
): Promise<VectorIndex> {
	const source = await openIndex(from);
	const { version } = await source.info();
	const notes = { movedFrom: version };
	const target =
		(await copyOf(to, version)) ?? (await restoreIndex(to, snapshotIndex(source, call), { notes }, call));
	const [left, arrived] = [await source.info(), await target.info()];
	if (left.rows !== arrived.rows || left.sources !== arrived.sources) {
		await dropIndex(to, to.name);
		throw new IndexError(
			'conflict',
			`The index "${from.name}" was changed while it was copied, so it stays where it is. Stop the workflows that write to it, then run this again.`,
		);
	}
	await dropIndex(from, from.name);
	return target;
}

/** What an interrupted run has copied already: a restored index is there as a whole or not at all. */
async function copyOf(to: IndexAddress, version: string): Promise<VectorIndex | undefined> {
	try {
		const found = await openIndex(to);
		return (await found.settings()).notes?.movedFrom === version ? found : undefined;
	} catch (thrown) {
		if (thrown instanceof IndexError && thrown.kind === 'notFound') return undefined;
		throw thrown;
	}
}
