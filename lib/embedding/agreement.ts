import { type EmbeddingAgreement, type EmbeddingNode, EngineError } from '../engine';
import { lowestCosine, PROBE_TEXTS, SAME_MODEL_COSINE } from './sameModel';

/** Models whose probes are kept: callers may name any. */
const MOST_MODELS = 64;

interface Reference {
	readonly engine: EmbeddingNode;
	readonly model: string;
	readonly probes: readonly Float32Array[];
	/** Goes up when the model behind it turned out to be another one. */
	readonly epoch: number;
}

/**
 * Vectors of different models must never meet in one index: before a second engine embeds for a pool, its vectors of the
 * probe texts are compared with those of the engine that came first. Remembered until the engine disappears.
 */
class Agreement implements EmbeddingAgreement {
	private readonly references = new Map<string, Reference>();
	private readonly asking = new WeakMap<EmbeddingNode, Map<string, Promise<readonly Float32Array[]>>>();
	private readonly agreed = new WeakMap<EmbeddingNode, Map<string, string>>();

	/**
	 * @returns a number that stays the same as long as it is the same model: a call that sees it change has vectors of two
	 * @throws EngineError `unsupported` when the engine's vectors are not those of the reference.
	 */
	async check(
		key: string,
		engine: EmbeddingNode,
		model: string,
		embed: (texts: readonly string[]) => Promise<readonly Float32Array[]>,
	): Promise<number> {
		const before = this.references.get(key);
		if (before !== undefined && this.agreed.get(engine)?.get(`${key}\n${model}`) === stampOf(engine, before))
			return before.epoch;
		const probes = await this.probesOf(`${key}\n${model}`, engine, embed);
		// Another call may have set the reference while this one asked.
		let reference = this.references.get(key);
		const likeness = reference === undefined ? 1 : lowestCosine(reference.probes, probes);
		if (reference === undefined) {
			reference = { engine, model, probes, epoch: 0 };
		} else if (likeness < SAME_MODEL_COSINE) {
			if (reference.engine !== engine || reference.model !== model)
				throw disagreement(reference, engine, model, likeness);
			// The first engine came back with another model: it leads again, and the others have to agree anew.
			reference = { engine, model, probes, epoch: reference.epoch + 1 };
		}
		this.references.set(key, reference);
		const [oldest] = this.references.keys();
		if (this.references.size > MOST_MODELS && oldest !== undefined) this.references.delete(oldest);
		const known = this.agreed.get(engine) ?? new Map<string, string>();
		if (known.size >= MOST_MODELS) known.clear();
		known.set(`${key}\n${model}`, stampOf(engine, reference));
		this.agreed.set(engine, known);
		return reference.epoch;
	}

	/** Calls of one moment share the question. */
	private async probesOf(
		what: string,
		engine: EmbeddingNode,
		embed: (texts: readonly string[]) => Promise<readonly Float32Array[]>,
	): Promise<readonly Float32Array[]> {
		const running = this.asking.get(engine) ?? new Map<string, Promise<readonly Float32Array[]>>();
		this.asking.set(engine, running);
		const asked = running.get(what);
		if (asked !== undefined) return await asked;
		const probes = embed(PROBE_TEXTS).finally(() => running.delete(what));
		running.set(what, probes);
		return await probes;
	}
}

const stampOf = (engine: EmbeddingNode, { epoch }: Reference): string => `${engine.generation} ${epoch}`;

function disagreement(
	reference: Reference,
	engine: EmbeddingNode,
	model: string,
	likeness: number,
): EngineError {
	const why = likeness === -1 ? 'their length differs' : `cosine ${likeness.toFixed(4)} of a probe text`;
	return new EngineError(
		'unsupported',
		`${engine.name} ("${model}") makes other vectors than ${reference.engine.name} ("${reference.model}"): ${why}. Engines that embed for one another must run the same model.`,
		{ engine: engine.name, model },
	);
}

/** For the `agreement` of an EnginePool: one for each pool. */
export const createAgreement = (): EmbeddingAgreement => new Agreement();
