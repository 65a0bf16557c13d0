import { createSlicer, sha256, type CallContext } from '../support';
import { IndexError } from './errors';
import { PLACE_PREFIX } from './names';
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
	if ((await contentOf(source, call)) !== (await contentOf(target, call))) {
		await dropIndex(to, to.name);
		throw new IndexError(
			'conflict',
			`The index "${from.name}" was changed while it was copied, so it stays where it is. Stop the workflows that write to it, then run this again.`,
		);
	}
	await dropIndex(from, from.name);
	return target;
}

/** One text for all rows and the manifest, whatever their order: with any difference it is another one. */
async function contentOf(index: VectorIndex, call: CallContext): Promise<string> {
	const turn = createSlicer();
	const sum = Buffer.alloc(32);
	const add = async (...parts: string[]): Promise<void> => {
		await turn();
		for (const [at, byte] of Buffer.from(sha256(...parts), 'hex').entries()) sum[at] = (sum[at] ?? 0) ^ byte;
	};
	// Vectors follow from texts, and a back end may round them.
	for await (const { vector: _, ...row } of index.scan(undefined, call))
		await add('row', JSON.stringify(row));
	for await (const [key, value] of index.manifest.scan())
		if (!key.startsWith(PLACE_PREFIX)) await add('manifest', JSON.stringify([key, value]));
	return sum.toString('hex');
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
