import {
	EngineError,
	type EngineAddress,
	type EnginePool,
	type ModelUse,
	nearModels,
	programOf,
} from '../../../lib/engine';
import { messageOf } from '../../../lib/support';

/** A model may have to be loaded first; whoever is slower is not broken for that. */
const TRY_MS = 30_000;

type Named = EngineAddress & { readonly name: string };

const FIELDS: { readonly [use in ModelUse]: string } = {
	chat: 'Chat Model',
	embedding: 'Embedding Model',
	rerank: 'Rerank Model',
};

/** Whether an engine works for what it is set up for; `text` says which part does not, and what to do. */
export async function tryEngine(
	pool: EnginePool,
	address: Named,
): Promise<{ readonly ok: boolean; readonly text: string }> {
	const { baseUrl, apiKey, headers, name, models = {} } = address;
	const route =
		/\/(?:chat\/completions|completions|embeddings|rerank|api\/(?:chat|generate|embed|tags))\/?$/.exec(
			baseUrl,
		);
	if (route)
		return refuse(
			'Base URL',
			`it ends in ${route[0]}, which is one of the engine's routes. Enter ${baseUrl.slice(0, route.index)}.`,
		);
	try {
		const { dialect, version } = await pool.detect(baseUrl, { apiKey, headers });
		const chosen = address.dialect;
		if (chosen !== 'auto' && chosen !== 'openai' && dialect !== 'openai' && chosen !== dialect)
			return refuse(
				'Engine',
				`${baseUrl} is ${programOf(dialect)}, not ${programOf(chosen)}. Choose "Detect Automatically".`,
			);
		const call = { engines: [name], allowRemote: true };
		const held = (await pool.models(call)).map(({ id, aliases = [] }) => [id, ...aliases]);
		for (const use of ['chat', 'embedding', 'rerank'] as const) {
			const model = models[use];
			if (model === undefined) continue;
			const names = held.flat();
			const missing = names.length > 0 && !names.includes(model) && !names.includes(`${model}:latest`);
			if (missing)
				return refuse(FIELDS[use], `${name} does not have "${model}". ${nearModels(model, names)}`);
			const problem = await tryModel(pool, use, model, name);
			if (problem !== undefined) return refuse(FIELDS[use], problem);
		}
		const ids = held.map(([id = '']) => id);
		return { ok: true, text: `${programOf(dialect)}${version ? ` ${version}` : ''}: ${modelList(ids)}` };
	} catch (error) {
		const isKey = error instanceof EngineError && error.kind === 'unauthorized';
		return isKey ? refuse('API Key', messageOf(error)) : { ok: false, text: messageOf(error) };
	}
}

const refuse = (field: string, why: string) => ({ ok: false, text: `${field}: ${why}` });

/** What is wrong with a model when it is asked something small; undefined when it works or is still being loaded. */
async function tryModel(
	pool: EnginePool,
	use: ModelUse,
	model: string,
	engine: string,
): Promise<string | undefined> {
	const call = { engines: [engine], allowRemote: true, deadlines: { totalMs: TRY_MS } };
	try {
		if (use === 'chat')
			await pool.complete({ model, messages: [{ role: 'user', content: 'Hi' }], maxTokens: 1 }, call);
		else if (use === 'embedding') await pool.embed(['Hi'], { model }, call);
		else await pool.rerank('Hi', ['Hi'], { model }, call);
		return undefined;
	} catch (error) {
		const isLoading = error instanceof EngineError && (error.kind === 'timeout' || error.kind === 'loading');
		return isLoading ? undefined : messageOf(error);
	}
}

export function modelList(models: readonly string[]): string {
	if (models.length === 0) return 'no models yet';
	const more = models.length > 5 ? ` and ${models.length - 5} more` : '';
	return `${models.slice(0, 5).join(', ')}${more}`;
}
