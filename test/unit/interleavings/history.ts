import { DOCUMENTS, ROWS, SENTENCES, type Answer, type Operation } from './operations';

/** An operation with the times between which it took place, in milliseconds. */
export interface Done {
	readonly operation: Operation;
	readonly from: number;
	readonly to: number;
	readonly answer: Answer;
}

/** A key of the index was given a value, or none, at some moment from `from` to `to`. */
interface Write {
	readonly value: number | undefined;
	readonly from: number;
	readonly to: number;
}

/** Readers of other processes follow a migration within this time (`POINTER_MS` and a margin). */
const STALE_MS = 1_500;

/**
 * What is wrong with the reads of a history. Each key is a register of its own: a read may give the value of a write that had begun by
 * then and that no other write has certainly replaced. Where no write goes on at the same time there is one value, and every part
 * of it once; while one does, rows of the old and of the new value may be there, one of the two whole.
 */
export function problemsOf(history: readonly Done[]): string[] {
	const problems: string[] = [];
	for (const read of history) {
		const { operation, answer } = read;
		if (answer.texts === undefined || operation.kind !== 'read') continue;
		const found = partsOf(answer.texts);
		for (const key of [...DOCUMENTS, ...ROWS]) {
			const problem = wrongWith(
				key,
				found.get(key) ?? new Map(),
				writesOf(key, history),
				readTime(read, history),
			);
			if (problem !== undefined)
				problems.push(
					`${operation.mode} from ${Math.round(read.from)} to ${Math.round(read.to)}: ${problem}`,
				);
		}
	}
	return problems;
}

type Parts = ReadonlyMap<number, readonly number[]>;

function wrongWith(
	key: string,
	found: Parts,
	writes: readonly Write[],
	{ from, to }: Pick<Done, 'from' | 'to'>,
): string | undefined {
	const parts = key.startsWith('r') ? 1 : SENTENCES;
	const allowed = writes.filter(
		(write) => write.from < to && !writes.some((later) => write.to < later.from && later.to < from),
	);
	const values = new Set(allowed.map(({ value }) => value));
	const shown = `${key} is ${JSON.stringify([...found])}, may be ${JSON.stringify([...values].map((value) => value ?? 'gone'))}`;
	if ([...found.keys()].some((value) => !values.has(value))) return shown;
	const whole = [...found].filter(([, seen]) => new Set(seen).size === parts);
	if (found.size === 0 || whole.length === 0)
		return values.has(undefined) ? undefined : `${shown}, but is not there`;
	const busy = writes.some((write) => write.from < to && write.to > from);
	if (busy) return undefined;
	if (found.size > 1) return `${shown}, but is there twice`;
	return whole.some(([, seen]) => seen.length !== parts) ? `${shown}, with parts twice` : undefined;
}

/** Values by key, with the parts of each that were found. */
function partsOf(texts: readonly string[]): Map<string, Map<number, number[]>> {
	const found = new Map<string, Map<number, number[]>>();
	for (const text of texts) {
		for (const [, key = '', value = '', part = ''] of text.matchAll(/has (\w+) at (\d+) in part (\d+)/g)) {
			const values = found.get(key) ?? new Map<number, number[]>();
			found.set(key, values.set(Number(value), [...(values.get(Number(value)) ?? []), Number(part)]));
		}
	}
	return found;
}

function readTime(read: Done, history: readonly Done[]): Pick<Done, 'from' | 'to'> {
	const moved = history.some(
		({ operation, from, to }) => operation.kind === 'migrate' && from < read.to && to > read.from - STALE_MS,
	);
	return moved ? { from: read.from - STALE_MS, to: read.to } : read;
}

function writesOf(key: string, history: readonly Done[]): Write[] {
	const writes: Write[] = [{ value: undefined, from: -Infinity, to: -Infinity }];
	for (const done of history) {
		const { from, answer } = done;
		const written = writtenBy(key, done.operation, answer);
		if (!written) continue;
		// One that failed may have been done in part, and never replaces another one for certain.
		const failed = answer.error !== undefined || answer.failed?.includes(key);
		writes.push({ value: written.value, from, to: failed ? Infinity : done.to });
	}
	return writes;
}

function writtenBy(
	key: string,
	operation: Operation,
	answer: Answer,
): { value: number | undefined } | undefined {
	switch (operation.kind) {
		case 'sync':
		case 'mirror':
			if (Object.hasOwn(operation.documents, key)) return { value: operation.documents[key] };
			return operation.kind === 'mirror' && DOCUMENTS.includes(key) && !answer.skipped
				? { value: undefined }
				: undefined;
		case 'upsert':
			return operation.key === key ? { value: operation.value } : undefined;
		case 'deleteDocument':
		case 'deleteRow':
			return operation.key === key ? { value: undefined } : undefined;
		default:
			return undefined;
	}
}
