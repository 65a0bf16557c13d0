import { randomUUID } from 'node:crypto';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { toRecord, type ExchangeRecord } from '../../../lib/distillation';
import type { ChatMessage, ChatResult, JsonSchema, ToolDefinition } from '../../../lib/engine';
import { messageOf } from '../../../lib/support';
import type { NodeContext } from './context';
import { engineSecrets } from './engines';
import { lineageOf } from './lineage';
import type { NodeItem } from './nodeItem';
import { recordStoreFor } from './recordStores';
import { isNothing } from './values';

/** An answer does not wait longer than this for its record; a store that is well takes milliseconds. */
const MAX_WAIT_MS = 10_000;

/** What was asked and what came back. */
export interface Exchange {
	readonly messages: readonly ChatMessage[];
	readonly tools?: readonly ToolDefinition[];
	readonly schema?: JsonSchema;
	readonly result: Omit<ChatResult, 'dialect' | 'attempts'>;
	/** The answer where it is not the result's text as it stands: corrected JSON, the label. */
	readonly answer?: string;
	readonly labels?: { readonly [name: string]: string };
	readonly scores?: { readonly [name: string]: number };
	/** Used where the item's field names no source. */
	readonly source?: string;
}

/** For the item: `record` with the ID, or `recordWarning` when it could not be kept; nothing when recording is off. */
export type Recorded = IDataObject & { readonly record?: string; readonly recordWarning?: string };

/**
 * Keeps exchanges as the node's fields say. It never throws and never holds an answer back: what goes wrong is told in the
 * item, in n8n's log and, once an execution, as a hint on the node.
 */
export function exchangeRecorder(
	context: NodeContext,
	{ maxWaitMs = MAX_WAIT_MS }: { readonly maxWaitMs?: number } = {},
): (item: NodeItem, exchange: Exchange) => Promise<Recorded> {
	let hinted = false;
	return async (item, exchange) => {
		try {
			if (!item.flag('record')) return {};
			return { record: await withinTime(keep(item, exchange), maxWaitMs) };
		} catch (error) {
			const recordWarning = `The exchange was not recorded: ${messageOf(error)}`;
			context.logger.warn(`${context.getNode().name}: ${recordWarning}`);
			if (!hinted && hasHints(context))
				context.addExecutionHints({ message: recordWarning, location: 'outputPane', type: 'warning' });
			hinted = true;
			return { recordWarning };
		}
	};
}

async function keep(item: NodeItem, exchange: Exchange): Promise<string> {
	const record = recordOf(item, exchange, await engineSecrets(item.context, item.index));
	const store = await recordStoreFor(item);
	await store.append([record]);
	return record.id;
}

function recordOf(item: NodeItem, exchange: Exchange, secrets: readonly string[]): ExchangeRecord {
	const { messages, tools, schema, result, labels, scores } = exchange;
	const { reasoning } = result;
	return toRecord(
		{
			// Every call is an exchange of its own, also the same one in a loop: feedback has to find this one.
			id: randomUUID(),
			messages,
			tools,
			answer: {
				content: exchange.answer ?? result.text,
				reasoning: isNothing(reasoning) ? undefined : reasoning.trim(),
				toolCalls: result.toolCalls.length === 0 ? undefined : result.toolCalls,
				finishReason: result.finishReason,
				logprobs: exchange.answer === undefined ? result.logprobs : undefined,
			},
			schema,
			labels,
			scores,
			usage: result.usage,
			latencyMs: result.timings.totalMs,
			engine: result.engine,
			model: result.model,
			licence: item.optionalText('recordOptions.licence'),
			conversation: item.optionalPointedName('recordOptions.conversationField'),
			source: item.optionalPointedName('recordOptions.sourceField') ?? exchange.source,
		},
		{ secrets, defaults: { lineage: lineageOf(item) } },
	);
}

async function withinTime<T>(work: Promise<T>, maxWaitMs: number): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(
			() => reject(new Error(`the store did not answer within ${maxWaitMs / 1000} s.`)),
			maxWaitMs,
		);
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}

/** Sub-nodes have no place for a hint. */
const hasHints = (context: object): context is Pick<IExecuteFunctions, 'addExecutionHints'> =>
	'addExecutionHints' in context;
