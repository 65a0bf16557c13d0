import {
	createSecretRedactor,
	createSlicer,
	formatMegabytes,
	isNestedTooDeep,
	isObject,
	MAX_LINE,
	MAX_NESTING,
	messageOf,
	readLines,
	type CallContext,
} from '../../support';
import { DistillationError, throwIfCancelled } from '../errors';
import { toFeedback, toRecord, type RecordOptions } from '../record';
import type { BadRow, ExchangeRecord, Feedback } from '../types';
import { readShape, type LogFormat } from './shapes';

export interface ImportOptions extends Omit<RecordOptions, 'redactor'> {
	/** Default `auto`: each line is recognised by its fields. */
	readonly format?: LogFormat;
	/** Name of the file, for the lineage. */
	readonly file?: string;
}

export type Imported<T> = { readonly value: T; readonly line: number } | { readonly bad: BadRow };

/** Reads JSON lines; each becomes a value or a bad line with its number and reason. Empty lines are passed over. */
async function* readJsonLines<T>(
	bytes: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
	read: (value: unknown, line: number) => T,
	signal: AbortSignal | undefined,
): AsyncGenerator<Imported<T>> {
	const turn = createSlicer();
	for await (const { number, text } of readLines(bytes)) {
		const wait = turn();
		if (wait !== undefined) {
			await wait;
			throwIfCancelled(signal);
		}
		if (text === undefined) {
			yield { bad: { line: number, reason: `the line is longer than ${formatMegabytes(MAX_LINE)}` } };
			continue;
		}
		// A byte order mark begins files written on Windows.
		const json = number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
		if (json.trim() === '') continue;
		if (isNestedTooDeep(json)) {
			yield { bad: { line: number, reason: `it is nested deeper than ${MAX_NESTING} levels` } };
			continue;
		}
		let imported: Imported<T>;
		try {
			imported = { value: read(JSON.parse(json), number), line: number };
		} catch (thrown) {
			if (!(thrown instanceof DistillationError) && !isSyntaxError(thrown)) throw thrown;
			const reason =
				thrown instanceof DistillationError ? thrown.message : `not valid JSON: ${messageOf(thrown)}`;
			imported = { bad: { line: number, reason } };
		}
		yield imported;
	}
}

function isSyntaxError(thrown: unknown): boolean {
	return isObject(thrown) && thrown.name === 'SyntaxError';
}

/**
 * Existing logs → records: OpenAI (training files and call logs), ShareGPT, LangSmith-like, Alpaca, TRL and our own, one
 * JSON object a line. A bad line is reported with its number and loses nothing else. Memory: one line.
 * @example
 * for await (const row of importLogs(createReadStream('log.jsonl'), { file: 'log.jsonl' })) {
 *   if ('bad' in row) console.warn(row.bad.line, row.bad.reason); else batch.push(row.value);
 * }
 */
export function importLogs(
	bytes: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
	options: ImportOptions = {},
	call: CallContext = {},
): AsyncGenerator<Imported<ExchangeRecord>> {
	const redactor = createSecretRedactor(options.secrets);
	const { defaults = {}, file } = options;
	return readJsonLines(
		bytes,
		(value, line) => {
			const lineage = { ...defaults.lineage, ...(file === undefined ? {} : { file }), line };
			return toRecord(readShape(value, options.format ?? 'auto'), {
				redactor,
				defaults: { ...defaults, lineage },
			});
		},
		call.signal,
	);
}

/** Feedback, one JSON object a line: `{ record, thumb | score | correction | labels | comment }`. */
export function importFeedback(
	bytes: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
	options: Pick<ImportOptions, 'secrets'> = {},
	call: CallContext = {},
): AsyncGenerator<Imported<Feedback>> {
	return readJsonLines(bytes, (value) => toFeedback(value, options), call.signal);
}

/**
 * One object as a record, in any of the formats `importLogs` knows (`auto` recognises it), for items of a flow.
 * Throws `invalidRecord` with the reason.
 */
export function recordFrom(value: unknown, options: ImportOptions = {}): ExchangeRecord {
	return toRecord(readShape(value, options.format ?? 'auto'), options);
}
