import type { IBinaryKeyData, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { errorItem, toNodeError } from './errors';
import type { NodeItem } from './nodeItem';
import type { Run } from './run';
import { outOfSandbox } from './sandbox';

/** What an operation makes of an item. */
export interface ItemResult {
	readonly json: IDataObject;
	readonly binary?: IBinaryKeyData;
	/** What the result is added to instead of the item's whole JSON, where that would repeat much. */
	readonly input?: IDataObject;
	/** It is one of many from one file: the input's files are not put out with each, or the next node would take each of them again. */
	readonly isPart?: boolean;
	/** Which of the node's outputs it leaves by; the first by default. */
	readonly output?: number;
}

/** A result of an item, or why it failed. */
export type ItemOutcome = ItemResult | { readonly error: unknown };
/** Everything that becomes of an item. */
export type ItemOutcomes = ItemOutcome | readonly ItemOutcome[];

/** Collects what becomes of the input items, in whatever order they are done, and gives it out in the order of the input. */
export class Outputs {
	private readonly byItem: Array<Array<INodeExecutionData & { readonly output?: number }>> = [];

	private readonly forms: OutputForm[] = [];

	constructor(private readonly run: Run) {}

	/**
	 * Reads how the result of an item is to be put out. Before the work, which may write something: a mistake in these fields
	 * must not turn work that was done into a failure.
	 * @throws InputError
	 */
	expect(item: NodeItem): void {
		// The answer of a tool is an answer and nothing else; it has no such fields.
		if (!item.hasField('options.includeInput')) return;
		this.forms[item.index] = {
			under: item.optionalText('options.resultField'),
			keepsInput: item.optionalFlag('options.includeInput') ?? true,
		};
	}

	/** @throws NodeOperationError for a failure, unless the node is set to go on */
	add(item: NodeItem, outcomes: ItemOutcomes): void {
		for (const outcome of [outcomes].flat()) {
			if ('error' in outcome) this.fail(item, outcome.error);
			else this.place(item.index, merged(item, outcome, this.forms[item.index]), [item.index]);
		}
	}

	/** One result for several items, at the place of the first; `last`: behind all items. */
	addShared(items: readonly NodeItem[], { json, binary, output }: ItemResult, last = false): void {
		const indexes = items.map(({ index }) => index);
		this.place(last ? this.run.count : (indexes[0] ?? 0), { json, binary, output }, indexes);
	}

	fail(item: NodeItem, error: unknown): void {
		if (!this.run.context.continueOnFail()) throw toNodeError(this.run.context.getNode(), error, item.index);
		this.place(item.index, errorItem(this.run.context, error, item.index), [item.index]);
	}

	/** @param outputs how many the node has */
	inOrder(outputs = 1): INodeExecutionData[][] {
		const lists = Array.from({ length: outputs }, (): INodeExecutionData[] => []);
		for (const { output = 0, ...item } of this.byItem.flatMap((items = []) => items))
			lists[output]?.push(item);
		// A model that gets nothing at all takes it for a failure.
		if (this.run.tool && lists[0]?.length === 0) lists[0].push({ json: { response: 'There is nothing.' } });
		return lists;
	}

	private place(index: number, given: ItemResult, items: readonly number[]): void {
		const { tool } = this.run;
		// A model reads what it needs and no files.
		const result: ItemResult = tool ? { json: tool.answer?.(given.json) ?? given.json } : given;
		const { json, binary, output } = result;
		const pairs = items.map((item) => ({ item }));
		const [pair] = pairs;
		(this.byItem[index] ??= []).push({ json, binary, output, pairedItem: pairs.length === 1 ? pair : pairs });
	}
}

/** How the result of an item is put out. */
interface OutputForm {
	/** The field that it goes into; the top level if there is none. */
	readonly under?: string;
	readonly keepsInput: boolean;
}

/** The result added to the item it was made from, as the node's options say. */
function merged(
	item: NodeItem,
	{ json, binary, output, isPart = false, input = item.json }: ItemResult,
	{ under, keepsInput }: OutputForm = { keepsInput: false },
): ItemResult {
	const added = under === undefined ? json : { [under]: json };
	if (!keepsInput) return { json: added, binary, output };
	return {
		json: { ...outOfSandbox(input), ...added },
		binary: isPart ? binary : { ...item.binary, ...binary },
		output,
	};
}
