import { type EngineAddress, findLocalEngines, type FoundEngine, programOf } from '../../../lib/engine';
import { egressOf } from './egress';

/** How long an answer to "which engines run here" is good for: they are started and stopped by hand. */
const REMEMBER_MS = 60_000;
/** Joins a model of the list with the engine that holds it. */
const JOINT = '@http';

let remembered: { readonly at: number; readonly found: readonly FoundEngine[] } | undefined;

/**
 * The engines that answer at the usual addresses of this machine, through n8n's egress filter. Asked only where somebody asks
 * for it: who opens the list of models without a credential, chooses "Find on This Machine" in one, or runs Find Local Engines.
 */
export async function enginesOnThisMachine(
	context: { readonly helpers: object },
	signal?: AbortSignal,
): Promise<readonly FoundEngine[]> {
	if (remembered !== undefined && performance.now() - remembered.at < REMEMBER_MS) return remembered.found;
	const { found, refused } = await findLocalEngines({ ...egressOf(context), signal });
	// What another node may not ask must not be remembered for it; and an engine that is just being started is looked for again.
	remembered = found.length > 0 && refused.length === 0 ? { at: performance.now(), found } : undefined;
	return found;
}

/** The models of these engines as entries of a list; the value names the engine, so that no credential is needed. */
export const localModels = (found: readonly FoundEngine[]): Array<{ name: string; value: string }> =>
	found.flatMap(({ baseUrl, dialect, models }) =>
		models.map((model) => ({
			name: `${model} (${programOf(dialect)}, ${new URL(baseUrl).host})`,
			value: `${model}@${baseUrl}`,
		})),
	);

/** The model of a list's value, and the address of its engine where it was found on this machine. */
export function partsOfModel(value: string): { readonly model: string; readonly baseUrl?: string } {
	const at = value.lastIndexOf(JOINT);
	if (at <= 0 || !URL.canParse(value.slice(at + 1))) return { model: value };
	return { model: value.slice(0, at), baseUrl: value.slice(at + 1) };
}

/** Engines on this machine as a credential would name them: the first one is used, the others stand by. */
export const addressesOfFound = (
	found: readonly FoundEngine[],
	shared: Pick<EngineAddress, 'models' | 'maxConcurrency'> = {},
): EngineAddress[] =>
	found
		.filter(({ needsKey }) => !needsKey)
		.map(({ baseUrl, dialect }, tier) => ({
			...{ ...shared, name: undefined, dialect, baseUrl, tier },
		}));
