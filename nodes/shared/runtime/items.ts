import { setTimeout as sleep } from 'node:timers/promises';
import { underSignal } from '../../../lib/support';
import type { INodeExecutionData } from 'n8n-workflow';
import type { Batching } from './batching';
import type { NodeItem } from './nodeItem';
import { Outputs, type ItemOutcomes } from './outputs';
import type { Run } from './run';

/** What is about all items together. */
export interface ItemsSettings {
	/** Default: one item after the other. */
	readonly batching?: Batching;
	/** How many outputs the node has. */
	readonly outputs?: number;
}

const ONE_BY_ONE: Batching = { atOnce: 1, pauseMs: 0 };

/**
 * Runs an operation for each input item, several at once where `settingsOf` says so. Results come in the order of the input,
 * paired with their items. What the work throws is an error of that item: the other items still get their turn when the node
 * is set to go on, and are stopped when it is not.
 */
export async function forEachItem(
	run: Run,
	work: (item: NodeItem) => Promise<ItemOutcomes>,
	settingsOf: (first: NodeItem) => Promise<ItemsSettings> | ItemsSettings = () => ({}),
): Promise<INodeExecutionData[][]> {
	const outputs = new Outputs(run);
	let settings: ItemsSettings;
	try {
		settings = await underSignal(run.signal, async () => await settingsOf(run.item(0)));
	} catch (error) {
		for (let index = 0; index < run.count; index++) outputs.fail(run.item(index), error);
		return outputs.inOrder();
	}
	const { batching = ONE_BY_ONE, outputs: count = 1 } = settings;
	const stop = new AbortController();
	const signal = run.signal === undefined ? stop.signal : AbortSignal.any([run.signal, stop.signal]);
	let next = 0;
	let failure: { readonly thrown: unknown } | undefined;

	async function one(): Promise<void> {
		const item = run.item(next++, signal);
		try {
			outputs.expect(item);
			outputs.add(item, await underSignal(signal, () => work(item)));
		} catch (error) {
			try {
				outputs.fail(item, error);
			} catch (thrown) {
				// The first failure is the one to show: those that follow may only come from stopping.
				failure ??= { thrown };
				stop.abort();
			}
		}
	}
	const isOver = () => next >= run.count || failure !== undefined;

	if (batching.pauseMs > 0) {
		while (!isOver()) {
			const batch = Math.min(batching.atOnce, run.count - next);
			await Promise.all(Array.from({ length: batch }, one));
			if (!isOver()) await pause(batching.pauseMs, signal);
		}
	} else {
		const worker = async () => {
			while (!isOver()) await one();
		};
		await Promise.all(Array.from({ length: Math.min(batching.atOnce, run.count) }, worker));
	}
	if (failure) throw failure.thrown;
	return outputs.inOrder(count);
}

/** Waits, or ends at once when the execution is cancelled: the items that follow then say so themselves. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
	await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
