import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSlicer, isObject, type CallContext } from '../../support';
import { throwIfCancelled } from '../errors';
import { isRecord } from '../record';
import { temporaryFolder } from '../temporary';
import type { ExchangeRecord } from '../types';
import { Balance } from './balance';
import { DuplicateFinder } from './duplicates';
import { buildGates, type CurateOptions } from './options';
import { Groups } from './groups';
import { sideOf, splitSettings, type SplitSettings } from './split';
import { Spool } from './spool';
import { GrowingInts } from './tables';
import {
	GATES,
	type CuratedRecord,
	type Funnel,
	type Gate,
	type GateCount,
	type GateName,
	type RejectedRecord,
	type SplitName,
	type Verdict,
} from './types';

/** Records that go through the gates together: what an engine takes as a batch, and little to hold. */
const BATCH = 256;

interface Candidate {
	record: ExchangeRecord;
	/** Number in the groups, once the duplicates gate has seen it. */
	member: number;
}

/** What `curate` made. Lives in a folder of its own until `close`. */
export interface CuratedSet {
	readonly funnel: Funnel;
	/** The kept records in the order they came, as often as wanted. */
	records(split?: SplitName): AsyncIterable<CuratedRecord>;
	/** The rejected records with gate and reason. */
	rejected(): AsyncIterable<RejectedRecord>;
	/** Removes the set's files. */
	close(): Promise<void>;
}

class Counts {
	readonly #counts = new Map<
		GateName,
		{ in: number; kept: number; rejected: number; changed: number; reasons: Map<string, number> }
	>();

	constructor(gates: readonly GateName[]) {
		for (const gate of gates)
			this.#counts.set(gate, { in: 0, kept: 0, rejected: 0, changed: 0, reasons: new Map() });
	}

	add(gate: GateName, verdict: Verdict): void {
		const count = this.#counts.get(gate);
		if (count === undefined) return;
		count.in++;
		if (verdict !== undefined && 'reason' in verdict) {
			count.rejected++;
			count.reasons.set(verdict.reason, (count.reasons.get(verdict.reason) ?? 0) + 1);
		} else {
			count.kept++;
			if (verdict !== undefined) count.changed++;
		}
	}

	list(): GateCount[] {
		return GATES.flatMap((gate) => {
			const count = this.#counts.get(gate);
			if (count === undefined) return [];
			const reasons = [...count.reasons].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
			return [{ gate, ...count, reasons: Object.fromEntries(reasons) }];
		});
	}
}

class Curation {
	readonly #turn = createSlicer();
	readonly #counts: Counts;
	readonly #members = new GrowingInts();
	readonly #settings: SplitSettings;
	readonly #groups: Groups;
	readonly #duplicates: DuplicateFinder;
	readonly #balance: Balance | undefined;
	#dropped: ReadonlyMap<number, string> = new Map();
	#input = 0;
	#rows = 0;

	constructor(
		private readonly options: CurateOptions,
		private readonly before: readonly Gate[],
		private readonly after: readonly Gate[],
		private readonly kept: Spool,
		private readonly refused: Spool,
		private readonly call: CallContext,
	) {
		this.#settings = splitSettings(options.split);
		this.#groups = new Groups(this.#settings.salt);
		this.#duplicates = new DuplicateFinder(
			options.duplicates === false ? { exact: false, near: false } : (options.duplicates ?? {}),
			this.#groups,
		);
		this.#balance = options.balance === undefined ? undefined : new Balance(options.balance);
		const names = [...before, ...after].map((gate) => gate.name);
		const duplicates: GateName[] = [];
		if (options.duplicates !== false && options.duplicates?.exact !== false)
			duplicates.push('exactDuplicate');
		if (options.duplicates !== false && options.duplicates?.near !== false) duplicates.push('nearDuplicate');
		this.#counts = new Counts([
			...names,
			...duplicates,
			...(this.#balance === undefined ? [] : ['balance' as const]),
		]);
	}

	async run(records: AsyncIterable<ExchangeRecord> | Iterable<ExchangeRecord>): Promise<void> {
		let batch: Candidate[] = [];
		for await (const record of records) {
			batch.push({ record, member: -1 });
			if (batch.length === BATCH) {
				await this.#pass(batch);
				batch = [];
			}
		}
		await this.#pass(batch);
		await this.kept.finish();
		await this.#applyBalance();
		await this.refused.finish();
	}

	async #pass(batch: Candidate[]): Promise<void> {
		throwIfCancelled(this.call.signal);
		this.#input += batch.length;
		let open = batch;
		for (const gate of this.before) open = await this.#gate(gate, open);
		open = await this.#findDuplicates(open);
		for (const gate of this.after) open = await this.#gate(gate, open);
		for (const { record, member } of open) {
			this.#members.push(member);
			this.#balance?.add(record);
			const full = this.kept.write(record);
			if (full !== undefined) await full;
			this.#rows++;
		}
		this.call.onProgress?.({ done: this.#input, note: `${this.#rows} kept` });
	}

	async #gate(gate: Gate, candidates: Candidate[]): Promise<Candidate[]> {
		const verdicts =
			'judgeAll' in gate
				? await gate.judgeAll(
						candidates.map(({ record }) => record),
						this.call.signal,
					)
				: undefined;
		const open: Candidate[] = [];
		for (const [position, candidate] of candidates.entries()) {
			const verdict = 'judge' in gate ? gate.judge(candidate.record) : verdicts?.[position];
			this.#counts.add(gate.name, verdict);
			if (verdict !== undefined && 'reason' in verdict)
				await this.#refuse(candidate.record, gate.name, verdict);
			else {
				if (verdict !== undefined) candidate.record = verdict.record;
				open.push(candidate);
			}
			const turn = this.#turn();
			if (turn !== undefined) await turn;
		}
		return open;
	}

	async #findDuplicates(candidates: Candidate[]): Promise<Candidate[]> {
		const open: Candidate[] = [];
		const group = this.options.duplicates !== false && this.options.duplicates?.action === 'group';
		for (const candidate of candidates) {
			const { member, duplicate, similarity } = this.#duplicates.check(candidate.record);
			candidate.member = member;
			const exact = duplicate === 'exact' ? { reason: 'repeated' } : undefined;
			const near =
				duplicate === 'near' && !group
					? { reason: 'alike', detail: `similarity ${(similarity ?? 0).toFixed(2)}` }
					: undefined;
			this.#counts.add('exactDuplicate', exact);
			if (exact === undefined) this.#counts.add('nearDuplicate', near);
			if (exact !== undefined) await this.#refuse(candidate.record, 'exactDuplicate', exact);
			else if (near !== undefined) await this.#refuse(candidate.record, 'nearDuplicate', near);
			else open.push(candidate);
			const turn = this.#turn();
			if (turn !== undefined) await turn;
		}
		return open;
	}

	#refuse(
		record: ExchangeRecord,
		gate: GateName,
		{ reason, detail }: { reason: string; detail?: string },
	): Promise<void> | undefined {
		return this.refused.write({ record, gate, reason, ...(detail === undefined ? {} : { detail }) });
	}

	/** The limits need to know all rows: which are too many is found at the end, and they move to the rejected ones. */
	async #applyBalance(): Promise<void> {
		if (this.#balance === undefined) return;
		this.#dropped = this.#balance.dropped();
		let row = 0;
		for await (const record of this.kept.read()) {
			const reason = this.#dropped.get(row++);
			this.#counts.add('balance', reason === undefined ? undefined : { reason });
			if (reason !== undefined && isRecord(record)) await this.#refuse(record, 'balance', { reason });
		}
	}

	#side(row: number): SplitName {
		return sideOf(this.#groups.position(this.#members.at(row)), this.#settings);
	}

	funnel(): Funnel {
		const splits = { train: 0, validation: 0, test: 0 };
		for (let row = 0; row < this.#rows; row++) if (!this.#dropped.has(row)) splits[this.#side(row)]++;
		return { input: this.#input, gates: this.#counts.list(), kept: this.#rows - this.#dropped.size, splits };
	}

	async *records(split?: SplitName): AsyncGenerator<CuratedRecord> {
		const turn = createSlicer();
		let row = -1;
		for await (const record of this.kept.read()) {
			row++;
			const side = this.#side(row);
			if (!this.#dropped.has(row) && (split === undefined || side === split) && isRecord(record)) {
				yield { record, split: side, group: this.#groups.name(this.#members.at(row)) };
			}
			const wait = turn();
			if (wait !== undefined) await wait;
		}
	}
}

function isRejected(value: unknown): value is RejectedRecord {
	return (
		isObject(value) &&
		isRecord(value.record) &&
		typeof value.gate === 'string' &&
		typeof value.reason === 'string'
	);
}

async function* readRejected(spool: Spool): AsyncGenerator<RejectedRecord> {
	for await (const row of spool.read()) if (isRejected(row)) yield row;
}

/**
 * Records → gates in the order of `GATES` → a curated, split set. Each gate keeps a record or rejects it with a reason;
 * the funnel counts them and rejected records stay readable. The same records and options give the same set. Memory:
 * about 300 bytes a record for signatures and groups; the records themselves wait in `options.workspace` (the system's
 * temporary folder by default), which `close` removes. Errors: `invalidOptions`, `cancelled`, what handed-in functions throw.
 * @example
 * const set = await curate(store.scan(), { length: { maxTokens: 4096 }, split: { test: 0.1 } });
 * for await (const { record, split } of set.records('train')) …
 */
export async function curate(
	records: AsyncIterable<ExchangeRecord> | Iterable<ExchangeRecord>,
	options: CurateOptions = {},
	call: CallContext = {},
): Promise<CuratedSet> {
	const { before, after } = await buildGates(options, call.signal);
	const folder = await temporaryFolder(options.workspace ?? tmpdir(), 'local-engine-curate-');
	const close = () => rm(folder, { recursive: true, force: true });
	try {
		const kept = await Spool.create(join(folder, 'kept.jsonl'));
		const refused = await Spool.create(join(folder, 'rejected.jsonl'));
		try {
			const curation = new Curation(options, before, after, kept, refused, call);
			await curation.run(records);
			const funnel = curation.funnel();
			return {
				funnel,
				records: (split) => curation.records(split),
				rejected: () => readRejected(refused),
				close,
			};
		} finally {
			await kept.abandon();
			await refused.abandon();
		}
	} catch (thrown) {
		await close();
		throw thrown;
	}
}
