import { EngineError } from '../errors';
import type { Engine } from '../routing/engine';
import { cosine } from '../wire/vectors';

/** Fixed texts whose vectors tell one model from another: prose, code, another script. */
export const PROBES = [
	'The quick brown fox jumps over the lazy dog near the river bank.',
	'function add(a, b) { return a + b; } // sums two numbers',
	'Die Würde des Menschen ist unantastbar. 人生は短い。',
] as const;

/** F16, F32 and INT8 of one model are above 0.999 of one another; another model is nowhere near (and mostly has other dimensions). */
const SAME_MODEL = 0.995;

/**
 * Vectors of different models must never meet in one index: before a second engine embeds for a pool, its vectors of the
 * probe texts are compared with those of the engine that came first. Remembered until the engine disappears.
 */
export class Agreement {
	private readonly references = new Map<
		string,
		{ engine: Engine; model: string; probes: readonly Float32Array[] }
	>();
	private readonly agreed = new WeakMap<Engine, Map<string, number>>();

	/** @throws EngineError `unsupported` when the engine's vectors are not those of the reference. */
	async check(
		key: string,
		engine: Engine,
		model: string,
		embed: (texts: readonly string[]) => Promise<readonly Float32Array[]>,
	): Promise<void> {
		const reference = this.references.get(key);
		if (this.agreed.get(engine)?.get(`${key}\n${model}`) === engine.generation) return;
		const probes = await embed(PROBES);
		// Another call may have set the reference while this one asked.
		const now = this.references.get(key) ?? reference;
		if (now === undefined) this.references.set(key, { engine, model, probes });
		else if (now.engine !== engine || now.model !== model) this.compare(now, engine, model, probes);
		const known = this.agreed.get(engine) ?? new Map<string, number>();
		known.set(`${key}\n${model}`, engine.generation);
		this.agreed.set(engine, known);
	}

	private compare(
		reference: { engine: Engine; model: string; probes: readonly Float32Array[] },
		engine: Engine,
		model: string,
		probes: readonly Float32Array[],
	): void {
		const likeness = Math.min(
			...reference.probes.map((vector, i) => {
				const other = probes[i];
				return other === undefined || other.length !== vector.length ? -1 : cosine(vector, other);
			}),
		);
		if (likeness >= SAME_MODEL) return;
		const why = likeness === -1 ? 'they have another length' : `likeness ${likeness.toFixed(3)}`;
		throw new EngineError(
			'unsupported',
			`${engine.name} ("${model}") makes other vectors than ${reference.engine.name} ("${reference.model}"): ${why}. Engines that embed for one another must run the same model.`,
			{ engine: engine.name, model },
		);
	}
}
