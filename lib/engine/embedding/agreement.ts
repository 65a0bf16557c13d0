import { cosine } from '../../support';
import { EngineError } from '../errors';
import type { Engine } from '../routing/engine';

/** Fixed texts whose vectors tell one model from another: prose, code, another script. */
export const PROBES = [
	'The quick brown fox jumps over the lazy dog near the river bank.',
	'function add(a, b) { return a + b; } // sums two numbers',
	'Die Würde des Menschen ist unantastbar. 人生は短い。',
] as const;

/** F16, F32 and INT8 of one model are above 0.999 of one another; another model is nowhere near (and mostly has other dimensions). */
const SAME_MODEL = 0.995;

/** Models whose probes are kept: callers may name any. */
const MOST_MODELS = 64;

interface Reference {
	readonly engine: Engine;
	readonly model: string;
	readonly probes: readonly Float32Array[];
	/** Goes up when the model behind it turned out to be another one. */
	readonly epoch: number;
}

/**
 * Vectors of different models must never meet in one index: before a second engine embeds for a pool, its vectors of the
 * probe texts are compared with those of the engine that came first. Remembered until the engine disappears.
 */
export class Agreement {
	private readonly references = new Map<string, Reference>();
	private readonly agreed = new WeakMap<Engine, Map<string, string>>();

	/**
	 * @returns a number that stays the same as long as it is the same model: a call that sees it change has vectors of two
	 * @throws EngineError `unsupported` when the engine's vectors are not those of the reference.
	 */
	async check(
		key: string,
		engine: Engine,
		model: string,
		embed: (texts: readonly string[]) => Promise<readonly Float32Array[]>,
	): Promise<number> {
		const before = this.references.get(key);
		if (before !== undefined && this.agreed.get(engine)?.get(`${key}\n${model}`) === stampOf(engine, before))
			return before.epoch;
		const probes = await embed(PROBES);
		// Another call may have set the reference while this one asked.
		let reference = this.references.get(key);
		const likeness = reference === undefined ? 1 : likenessOf(reference.probes, probes);
		if (reference === undefined) {
			reference = { engine, model, probes, epoch: 0 };
		} else if (likeness < SAME_MODEL) {
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
}

const stampOf = (engine: Engine, { epoch }: Reference): string => `${engine.generation} ${epoch}`;

/** Cosine of the two vectors of a probe that differ most; -1 where they have another length. */
function likenessOf(reference: readonly Float32Array[], probes: readonly Float32Array[]): number {
	return Math.min(
		...reference.map((vector, i) => {
			const other = probes[i];
			return other === undefined || other.length !== vector.length ? -1 : cosine(vector, other);
		}),
	);
}

function disagreement(reference: Reference, engine: Engine, model: string, likeness: number): EngineError {
	const why = likeness === -1 ? 'they have another length' : `likeness ${likeness.toFixed(3)}`;
	return new EngineError(
		'unsupported',
		`${engine.name} ("${model}") makes other vectors than ${reference.engine.name} ("${reference.model}"): ${why}. Engines that embed for one another must run the same model.`,
		{ engine: engine.name, model },
	);
}
