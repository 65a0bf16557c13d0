import type { INodeExecutionData } from 'n8n-workflow';
import { createSlicer, underSignal } from '../../../lib/support';
import type { NodeItem } from './nodeItem';
import { Outputs, type ItemOutcomes, type ItemResult } from './outputs';
import type { Run } from './run';

export interface Member<Request> {
	readonly item: NodeItem;
	readonly request: Request;
}

/** Items that want the same target. */
export interface Group<Target, Request> {
	readonly target: Target;
	/** In the order of the input; at least one. */
	readonly members: ReadonlyArray<Member<Request>>;
	/** The first member's item, for what only a node's context can open (a credential, a connected node). */
	readonly first: NodeItem;
}

/** What becomes of a group. */
export type GroupOutcome =
	/** Of each member, in their order. */
	| readonly ItemOutcomes[]
	/** Besides, what belongs to no single item: it comes last. */
	| { readonly members: readonly ItemOutcomes[]; readonly last: readonly ItemResult[] }
	/** One result for all members. */
	| { readonly shared: ItemResult };

/**
 * Does in one call what items have in common: one sync for an index, one wait for the disk, one request for many texts. Every
 * item is asked for its own target first (an index, a collection, an experiment, a model: any of them may be an expression),
 * and items with equal targets form a group. So no operation can take the target of one item for all of them.
 *
 * A group that fails fails alone when the node is set to go on. The output has the order of the input.
 *
 * @param read the item's target (plain data, compared as JSON) and what it wants there; what it throws is the item's error
 */
export async function forEachGroup<Target, Request>(
	run: Run,
	read: (item: NodeItem) => Promise<{ readonly target: Target; readonly request: Request }>,
	work: (group: Group<Target, Request>) => Promise<GroupOutcome>,
): Promise<INodeExecutionData[][]> {
	const outputs = new Outputs(run);
	for (const group of await groupsOf(run, outputs, read)) {
		const items = group.members.map(({ item }) => item);
		let outcome: GroupOutcome;
		try {
			outcome = await underSignal(run.signal, () => work(group));
		} catch (error) {
			for (const item of items) outputs.fail(item, error);
			continue;
		}
		if ('shared' in outcome) {
			outputs.addShared(items, outcome.shared);
			continue;
		}
		const { members, last } = 'members' in outcome ? outcome : { members: outcome, last: [] };
		for (const [position, each] of members.entries()) outputs.add(items[position] ?? group.first, each);
		for (const each of last) outputs.addShared(items, each, true);
	}
	return outputs.inOrder();
}

/** n8n looks a credential up in its database for each item; waiting for one answer after the other would take longer than the work. */
const READ_AT_ONCE = 32;

async function groupsOf<Target, Request>(
	run: Run,
	outputs: Outputs,
	read: (item: NodeItem) => Promise<{ readonly target: Target; readonly request: Request }>,
): Promise<Iterable<Group<Target, Request>>> {
	const groups = new Map<string, Group<Target, Request> & { readonly members: Array<Member<Request>> }>();
	const turn = createSlicer();
	for (let start = 0; start < run.count; start += READ_AT_ONCE) {
		const items = Array.from({ length: Math.min(READ_AT_ONCE, run.count - start) }, (_, at) =>
			run.item(start + at),
		);
		const asked = await Promise.allSettled(
			items.map(async (item) => {
				await turn();
				outputs.expect(item);
				return await underSignal(run.signal, () => read(item));
			}),
		);
		for (const [at, item] of items.entries()) {
			const each = asked[at];
			if (each?.status !== 'fulfilled') {
				outputs.fail(item, each?.reason);
				continue;
			}
			const { target, request } = each.value;
			const key = JSON.stringify(target);
			const group = groups.get(key) ?? { target, members: [], first: item };
			groups.set(key, group);
			group.members.push({ item, request });
		}
	}
	return groups.values();
}
