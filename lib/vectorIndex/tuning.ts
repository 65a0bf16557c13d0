import { TUNE_DEFAULTS } from './defaults';
import { IndexError, throwIfCancelled } from './errors';
import type { SearchSettings, TuneOptions, TunePoint, TuneReport } from './types';
import { meanOf, quantile, varianceOf, type CallContext } from '../support';

/** A kind of index with the settings worth measuring on it, from fast to thorough. */
export interface TuneGroup {
	readonly kind: string;
	readonly settings: readonly SearchSettings[];
	/** Makes the index the one in use. Absent: it is already. */
	build?(): Promise<void>;
}

/** What tuning needs of a back end. */
export interface TuneTarget {
	/** Rows that have a vector. */
	readonly rows: number;
	readonly groups: readonly TuneGroup[];
	/** Up to `count` vectors of the index, evenly spread, with the id they must not be answered with. */
	sample(count: number): Promise<ReadonlyArray<{ readonly id?: string; readonly vector: Float32Array }>>;
	/** Ids of the nearest rows. */
	nearest(vector: Float32Array, limit: number, settings: SearchSettings): Promise<string[]>;
	/** Puts a measured setting to use. */
	apply(kind: string, search: SearchSettings): Promise<void>;
}

/** Below this exact search answers in a few milliseconds with recall 1, and no index is built (reference: docs/vector-index.md). */
export const MIN_INDEXED_ROWS = 20_000;
const EXACT: SearchSettings = { exact: true };
const MIN_SAMPLE = 20;
const MAX_SAMPLE = 2_000;
/** A setting this many times faster than exact search is good enough to stop building further kinds of index. */
const GOOD_ENOUGH = 4;

type Question = { readonly id?: string; readonly vector: Float32Array; readonly truth: ReadonlySet<string> };

/** Measures, chooses, applies, reports. Throws `invalidQuery` for options out of range. */
export async function runTuning(
	target: TuneTarget,
	options: TuneOptions,
	call: CallContext = {},
): Promise<TuneReport> {
	const { targetRecall, k = 10, sample = TUNE_DEFAULTS.sample, budgetMs = TUNE_DEFAULTS.budgetMs } = options;
	check(targetRecall > 0 && targetRecall <= 1, 'targetRecall must be above 0 and at most 1');
	check(Number.isInteger(k) && k >= 1 && k <= 100, 'k must be a whole number from 1 to 100');
	check(
		Number.isInteger(sample) && sample >= MIN_SAMPLE && sample <= MAX_SAMPLE,
		`sample must be a whole number from ${MIN_SAMPLE} to ${MAX_SAMPLE}`,
	);
	check(budgetMs > 0, 'budgetMs must be above 0');
	const started = performance.now();
	const spent = (): number => performance.now() - started;
	const given = options.queries?.slice(0, MAX_SAMPLE).map((vector) => ({ vector }));
	const questions = given ?? (await target.sample(sample));
	check(questions.length > 0, 'there is nothing to measure with: the index has no vectors');
	const { truth, point: exact } = await measureExact(target, questions, k, call);
	const curve: TunePoint[] = [exact];
	const builds: Array<{ kind: string; ms: number }> = [];
	const notes: string[] = [];
	let complete = true;
	const settings = 1 + target.groups.reduce((sum, group) => sum + group.settings.length, 0);

	if (target.rows >= MIN_INDEXED_ROWS) {
		for (const group of target.groups) {
			const enough = best(curve, targetRecall);
			if (enough.p50Ms * GOOD_ENOUGH <= exact.p50Ms) {
				notes.push(
					`${group.kind} was not tried: ${enough.kind} is ${GOOD_ENOUGH} times as fast as exact search already.`,
				);
				continue;
			}
			if (spent() > budgetMs) {
				complete = false;
				notes.push(`${group.kind} was not tried: the time was used up. Nothing is promised about it.`);
				continue;
			}
			if (group.build) {
				const before = spent();
				await group.build();
				builds.push({ kind: group.kind, ms: Math.round(spent() - before) });
			}
			for (const setting of group.settings) {
				throwIfCancelled(call.signal, 'Tuning');
				if (spent() > budgetMs) {
					complete = false;
					notes.push(`Further settings of ${group.kind} were not tried: the time was used up.`);
					break;
				}
				curve.push(await measure(target, truth, group.kind, setting, k, call));
				call.onProgress?.({ done: curve.length, total: settings, note: describe(curve.at(-1)) });
			}
		}
	} else {
		notes.push(
			`With ${target.rows} vectors every search compares all of them: recall is 1 and no index is needed.`,
		);
	}
	const applied = best(curve, targetRecall);
	if (applied === exact && curve.length > 1)
		notes.push('No measured setting reached the target faster than exact search, so exact search is in use.');
	await target.apply(applied.kind, applied.search);
	return {
		targetRecall,
		k,
		questions: questions.length,
		rows: target.rows,
		curve,
		applied,
		builds,
		complete,
		elapsedMs: Math.round(spent()),
		notes,
	};
}

/** The fastest point that reaches the target; exact search always does. */
function best(curve: readonly TunePoint[], targetRecall: number): TunePoint {
	const reaching = curve.filter(({ recallLow }) => recallLow >= targetRecall);
	return reaching.reduce((a, b) => (b.p50Ms < a.p50Ms ? b : a));
}

async function measureExact(
	target: TuneTarget,
	questions: ReadonlyArray<{ readonly id?: string; readonly vector: Float32Array }>,
	k: number,
	call: CallContext,
): Promise<{ truth: Question[]; point: TunePoint }> {
	const truth: Question[] = [];
	const times: number[] = [];
	for (const { id, vector } of questions) {
		throwIfCancelled(call.signal, 'Tuning');
		const { found, ms } = await timed(target, { id, vector }, EXACT, k);
		truth.push({ id, vector, truth: new Set(found) });
		times.push(ms);
	}
	return { truth, point: { kind: 'none', search: EXACT, recall: 1, recallLow: 1, ...percentiles(times) } };
}

async function measure(
	target: TuneTarget,
	questions: readonly Question[],
	kind: string,
	search: SearchSettings,
	k: number,
	call: CallContext,
): Promise<TunePoint> {
	const recalls: number[] = [];
	const times: number[] = [];
	// Once around first: what is measured is a warm index, as in daily use.
	for (const question of questions.slice(0, MIN_SAMPLE)) await timed(target, question, search, k);
	for (const question of questions) {
		throwIfCancelled(call.signal, 'Tuning');
		const { found, ms } = await timed(target, question, search, k);
		const hits = found.filter((id) => question.truth.has(id)).length;
		recalls.push(question.truth.size === 0 ? 1 : hits / question.truth.size);
		times.push(ms);
	}
	const mean = meanOf(recalls);
	const recallLow = mean - Math.sqrt(varianceOf(recalls) / recalls.length);
	return { kind, search, recall: mean, recallLow, ...percentiles(times) };
}

/** A question taken from the index would find itself; it asks for one more and leaves itself out. */
async function timed(
	target: TuneTarget,
	{ id, vector }: { readonly id?: string; readonly vector: Float32Array },
	search: SearchSettings,
	k: number,
): Promise<{ found: string[]; ms: number }> {
	const started = performance.now();
	const found = await target.nearest(vector, id === undefined ? k : k + 1, search);
	const ms = performance.now() - started;
	return { found: found.filter((each) => each !== id).slice(0, k), ms };
}

function percentiles(times: readonly number[]): { p50Ms: number; p95Ms: number } {
	return { p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95) };
}

/** A setting in a few words, for progress and charts. */
export function describe(point: TunePoint | undefined): string {
	if (!point) return '';
	const { exact, ef, nprobes, refine } = point.search;
	if (exact) return 'exact';
	const parts = [ef && `ef ${ef}`, nprobes && `probes ${nprobes}`, refine && `refine ${refine}`];
	return `${point.kind} ${parts.filter(Boolean).join(', ')}`;
}

function check(holds: boolean, problem: string): void {
	if (!holds) throw new IndexError('invalidQuery', `Tuning cannot begin: ${problem}.`);
}
