import { asObject, asString, estimateTokens, mapAll, toUnit } from '../../support';
import { EngineError, type Attempt } from '../errors';
import type { DialectSpec } from '../dialects';
import type { Limits } from '../dialects/dialect';
import type { Engine } from '../routing/engine';
import type { Routes } from '../routing/job';
import { withFailover } from '../routing/loop';
import { findModel, sameModel } from '../routing/names';
import type { ExchangeLimits } from '../transport/exchange';
import type { CallOptions } from '../types/pool';
import type { EmbedFlag, EmbedOptions, EmbedResult } from '../types/vectors';
import { EMBED_DEFAULTS } from '../defaults';
import { planBatches } from './batches';
import { type Embedded, embedInParts } from './tooLong';

/** What a model puts around each text (`[CLS]` and `[SEP]`), where tokens are estimated. */
const FRAME_TOKENS = 2;
/** Attempts told of in a result. */
const MOST_ATTEMPTS = 100;
/** Vectors as decimal numbers are some 20 bytes each: 64 of 4,096 dimensions are 5 MB, which parse in under 50 ms. */
const NUMBERS_BATCH = 64;

/** Where it was embedded; written down by the call as it goes. */
interface Trace {
	engine: string;
	model: string;
	/** Of the agreement between several engines. */
	epoch?: number;
	readonly attempts: Attempt[];
}

export interface EmbedCall {
	readonly routes: Routes;
	readonly options: EmbedOptions;
	readonly call: CallOptions;
}

/**
 * Embeds texts over the pool: batched by count and tokens, several batches in flight, order kept. Empty texts get a zero
 * vector and the flag `empty`, because engines disagree about them (transcripts, finding 15).
 *
 * @throws EngineError; `inputIndex` says which text, where it was one (`contextExceeded` with `onTooLong: 'fail'`).
 */
export async function runEmbed(texts: readonly string[], job: EmbedCall): Promise<EmbedResult> {
	const { options, routes } = job;
	const positions = texts.flatMap((text, i) => (text.trim() === '' ? [] : [i]));
	const prefix = options.prefix ?? '';
	const inputs = positions.map((i) => prefix + (texts[i] ?? ''));
	const trace: Trace = { engine: '', model: '', attempts: [] };
	const size = Math.max(1, Math.min(options.batchSize ?? EMBED_DEFAULTS.batchSize, await batchLimit(routes)));
	const batches = planBatches(
		inputs,
		size,
		options.batchTokens ?? EMBED_DEFAULTS.batchTokens,
		options.countTokens ?? ((text) => estimateTokens(text) + FRAME_TOKENS),
	);

	const done = await mapAll(
		batches,
		Math.max(1, options.concurrency ?? EMBED_DEFAULTS.concurrency),
		async ({ start, end }, signal) => {
			try {
				return await embedSpan(inputs.slice(start, end), { ...job, call: { ...job.call, signal } }, trace);
			} catch (error) {
				throw error instanceof EngineError && error.inputIndex !== undefined
					? error.with({ inputIndex: positions[start + error.inputIndex] })
					: error;
			}
		},
		job.call.signal,
	);
	return collect(texts.length, positions, done, trace);
}

function collect(
	count: number,
	positions: readonly number[],
	done: readonly Embedded[],
	trace: Trace,
): EmbedResult {
	const found = done.flatMap(({ vectors }) => vectors);
	const foundFlags = done.flatMap(({ flags }) => flags);
	const dimensions = found[0]?.length ?? 0;
	const vectors: Float32Array[] = Array.from({ length: count });
	const flags = new Array<EmbedFlag>(count).fill('empty');
	positions.forEach((position, i) => {
		const vector = found[i];
		if (vector === undefined || vector.length !== dimensions) {
			throw new EngineError(
				'badAnswer',
				`Vectors of different length came back (${dimensions} and ${vector?.length ?? 0}).`,
				{ engine: trace.engine },
			);
		}
		vectors[position] = vector;
		flags[position] = foundFlags[i];
	});
	for (let i = 0; i < count; i++) vectors[i] ??= new Float32Array(dimensions);
	return {
		vectors,
		flags,
		model: trace.model,
		engine: trace.engine,
		dimensions,
		usage: { promptTokens: done.reduce((sum, { promptTokens }) => sum + promptTokens, 0) },
		attempts: trace.attempts,
	};
}

/** One request's worth of texts; when one of them is too long, or they are too many, the span is halved. */
async function embedSpan(texts: readonly string[], job: EmbedCall, trace: Trace): Promise<Embedded> {
	try {
		return await embedOnce(texts, job, trace);
	} catch (error) {
		if (!(error instanceof EngineError)) throw error;
		if (error.kind !== 'contextExceeded' && !(texts.length > 1 && tooManyAtOnce(error))) throw error;
		const [only] = texts;
		if (texts.length === 1 && only !== undefined) {
			const how = job.options.onTooLong ?? EMBED_DEFAULTS.onTooLong;
			if (how === 'fail') throw error.with({ inputIndex: 0 });
			return await embedInParts(only, how, error, (parts) => embedOnce(parts, job, trace));
		}
		const half = texts.length >> 1;
		const left = await embedSpan(texts.slice(0, half), job, trace);
		const right = await embedSpan(texts.slice(half), job, trace).catch((failed: unknown) => {
			throw failed instanceof EngineError && failed.inputIndex !== undefined
				? failed.with({ inputIndex: failed.inputIndex + half })
				: failed;
		});
		return {
			vectors: [...left.vectors, ...right.vectors],
			flags: [...left.flags, ...right.flags],
			promptTokens: left.promptTokens + right.promptTokens,
		};
	}
}

/** A limit on texts or bytes a request that the engine had not told of before (proxies have theirs, too). */
function tooManyAtOnce({ kind, status, engineMessage = '' }: EngineError): boolean {
	if (kind !== 'invalidRequest') return false;
	return status === 413 || /batch size|too many (?:inputs|texts|items)|too large/i.test(engineMessage);
}

async function embedOnce(texts: readonly string[], job: EmbedCall, trace: Trace): Promise<Embedded> {
	const { routes, options, call } = job;
	const agreement = routes.engines.length > 1 ? routes.options.agreement : undefined;
	const outcome = await withFailover(
		routes,
		{
			use: 'embedding',
			model: options.model,
			needs: ['embed'],
			run: async (engine, spec, model, limits) => {
				const send = (
					inputs: readonly string[],
				): Promise<{ vectors: Float32Array[]; promptTokens: number }> =>
					sendTexts(engine, spec, model, inputs, options, limits, call);
				if (agreement !== undefined) {
					const epoch = await agreement.check(
						`${options.model ?? ''}\n${options.dimensions ?? ''}`,
						engine,
						model,
						async (probes) => (await send(probes)).vectors,
					);
					trace.epoch ??= epoch;
					if (trace.epoch !== epoch) throw otherModel(engine, model);
				}
				return await send(texts);
			},
			check: (engine, spec, model) => (spec.limits === undefined ? undefined : refuseReranker(engine, model)),
			probe: (engine, spec, model, limits) => sendTexts(engine, spec, model, ['a'], {}, limits, {}),
		},
		call,
	);
	trace.engine = outcome.engine.name;
	trace.model = outcome.model;
	// One good attempt an engine says it all; what failed is told, up to a length that can be read.
	const told = outcome.attempts.filter(
		({ outcome: how, engine }) =>
			how !== 'ok' || !trace.attempts.some((one) => one.outcome === 'ok' && one.engine === engine),
	);
	if (trace.attempts.length < MOST_ATTEMPTS) trace.attempts.push(...told);
	const { promptTokens } = outcome.value;
	const scaled = options.normalize ?? EMBED_DEFAULTS.normalize;
	const vectors = scaled ? outcome.value.vectors.map(toUnit) : outcome.value.vectors;
	return { vectors, flags: new Array<EmbedFlag>(vectors.length).fill(undefined), promptTokens };
}

function otherModel(engine: Engine, model: string): EngineError {
	return new EngineError(
		'invalidRequest',
		`${engine.name} came back with another model as "${model}" while texts were being embedded: vectors of two models must not be mixed. Embed the texts again.`,
		{ engine: engine.name, model },
	);
}

async function sendTexts(
	engine: Engine,
	spec: DialectSpec,
	model: string,
	texts: readonly string[],
	options: EmbedOptions,
	limits: ExchangeLimits,
	call: CallOptions,
): Promise<{ vectors: Float32Array[]; promptTokens: number }> {
	const { embed } = spec;
	if (embed === undefined)
		throw new EngineError('unsupported', `${engine.name} (${spec.label}) does not embed.`, {
			engine: engine.name,
		});
	const { json, status } = await engine.exchange(embed.request(model, texts, options), limits, call, model);
	const read = json === undefined ? undefined : embed.answer(json);
	if (read === undefined || read.vectors.length !== texts.length) {
		const what = read === undefined ? 'no vectors' : `${read.vectors.length} vectors`;
		throw new EngineError(
			'badAnswer',
			`${engine.name} sent ${what} for ${texts.length} texts. Is "${model}" an embedding model?`,
			{ engine: engine.name, model, status },
		);
	}
	refuseOtherModel(engine, model, asString(asObject(json)?.model));
	return {
		promptTokens: read.promptTokens,
		vectors: read.vectors.map((vector) => checkedVector(vector, options.dimensions, engine, model)),
	};
}

/** An embedding is never made by a reranker, whatever it answers. */
async function refuseReranker(engine: Engine, model: string): Promise<EngineError | undefined> {
	// An engine that does not tell its limits now is asked all the same; it says itself what is wrong.
	const { reranks } = await engine.limits().catch((): Limits => ({}));
	if (reranks !== true) return undefined;
	const what = model === '' ? 'a reranker' : `the reranker "${model}"`;
	return new EngineError(
		'unsupported',
		`${engine.name} runs ${what}, which makes no embeddings. Name an embedding model in the credential or in the node.`,
		{ engine: engine.name, model },
	);
}

/**
 * Vectors of another model than the one asked for are refused. Only where the engine's own list tells the two apart: a proxy
 * may know a model by a name of its own.
 */
function refuseOtherModel(engine: Engine, model: string, answered: string | undefined): void {
	const { last = [] } = engine.list;
	if (model === '' || answered === undefined || sameModel(answered, model)) return;
	const other = findModel(last, answered);
	if (other === undefined || other === findModel(last, model)) return;
	throw new EngineError(
		'modelNotFound',
		`${engine.name} was asked to embed with "${model}" and answered with "${answered}": vectors of another model are of no use. Load "${model}" there, or choose "${answered}".`,
		{ engine: engine.name, model },
	);
}

/** Shortened where the engine ignored `dimensions` (transcripts, finding 15); refused where a number is not a number. */
function checkedVector(
	vector: Float32Array,
	dimensions: number | undefined,
	engine: Engine,
	model: string,
): Float32Array {
	if (!vector.every(Number.isFinite)) {
		throw new EngineError(
			'badAnswer',
			`${engine.name} sent a vector with numbers that are none (NaN). The model "${model}" may be broken, or quantised too far.`,
			{ engine: engine.name, model },
		);
	}
	if (dimensions === undefined || vector.length === dimensions) return vector;
	if (vector.length > dimensions) return vector.slice(0, dimensions);
	throw new EngineError(
		'invalidRequest',
		`"${model}" on ${engine.name} makes vectors of ${vector.length} dimensions; ${dimensions} were asked for.`,
		{ engine: engine.name, model },
	);
}

/** The smallest batch any engine of the pool takes, as far as they tell (TEI refuses more; it never helps to retry). */
async function batchLimit(routes: Routes): Promise<number> {
	const limits = await Promise.all(
		routes.engines.map(async (engine) => {
			// Whoever does not say now what it is will not embed now either; the loop reports it.
			if (engine.known === undefined) await Promise.resolve(engine.dialect()).catch(() => undefined);
			const most = engine.known?.embed?.base64 === true ? Number.POSITIVE_INFINITY : NUMBERS_BATCH;
			if (engine.known?.limits === undefined) return most;
			// An engine that does not answer now is not asked to embed now either; the loop reports it.
			const { batch } = await engine.limits().catch(() => ({ batch: undefined }));
			return Math.min(batch ?? most, most);
		}),
	);
	return Math.min(...limits, Number.MAX_SAFE_INTEGER);
}
