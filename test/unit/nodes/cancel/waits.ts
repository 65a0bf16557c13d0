// Every operation that can wait for a server, with each kind of server that it can have.
import type { IDataObject } from 'n8n-workflow';
import type { ContextOptions } from '../../../support/nodeContext';
import { outputOf } from '../../../support/operation';
import { operations } from '../tenants/tenants';
import { asksEngine, bases } from '../values/bases';

export type Awaited = 'Qdrant' | 'Postgres' | 'an engine';

const fieldsOf = (name: string): readonly string[] =>
	(operations.get(name)?.fields ?? []).map((field) => field.name);

/** They have an engine and ask none: progress is kept in files, files are read here, n8n carries a gateway's answer. */
const ASKS_NOBODY = /: (?:\w+\.progress|text\.read|gateway\.answerRequest)$/;

export const waits: ReadonlyArray<readonly [operation: string, server: Awaited]> = [
	...operations.keys(),
].flatMap((name) => [
	...(fieldsOf(name).includes('backend') ? [[name, 'Qdrant'] as const] : []),
	...(fieldsOf(name).includes('recordBackend') && !name.startsWith('localEngine')
		? [[name, 'Postgres'] as const]
		: []),
	...((asksEngine(name) || name.includes(': engine.')) && !ASKS_NOBODY.test(name)
		? [[name, 'an engine'] as const]
		: []),
]);

/** Credentials that all lead to one address. */
export const credentialsOf =
	(host: string, port: number, dialect = 'openai'): NonNullable<ContextOptions['credentials']> =>
	(type) => {
		const url = `http://${host}:${port}`;
		if (type === 'localEngineSpaceApi') return { name: 'hr', secretKey: 'the-key-of-the-space' };
		if (type === 'qdrantApi') return { qdrantUrl: url };
		if (type === 'postgres') return { host, port, database: 'n', user: 'n', password: 'p' };
		return { dialect, baseUrl: url, chatModel: 'm', embeddingModel: 'm', rerankModel: 'm' };
	};

/** Runs an operation (after `prepare`) whose server is at an address; resolves to what it gives or fails with. */
export async function runAgainst(
	name: string,
	server: Awaited,
	{ host, port, ...more }: { readonly host: string; readonly port: number } & Partial<ContextOptions>,
): Promise<unknown> {
	const operation = operations.get(name);
	const base = bases[name];
	if (!operation || !base) throw new Error(`There is no base for "${name}"`);
	const given: IDataObject = {
		...base.parameters,
		...(server === 'Qdrant' && { backend: 'qdrant' }),
		...(server === 'Postgres' && { recordBackend: 'postgres' }),
		...(server === 'an engine' && name.endsWith('.embed') && { embedding: 'engine' }),
		// The server is asked first.
		...(name.endsWith('index.move') && { direction: 'toMachine' }),
		...(server === 'an engine' && name.endsWith('.grounding') && { checkWith: 'engine' }),
		...(name.endsWith('.detect') && { baseUrl: `http://${host}:${port}` }),
		...('confirm' in base.parameters && { confirm: 'kb' }),
	};
	return await outputOf(operation, {
		...base,
		parameters: given,
		node: {
			credentials: {
				...(server === 'an engine' && { localEngineApi: { id: '1', name: 'engine' } }),
				...(/: space\.|\.moveToSpace$/.test(name) && { localEngineSpaceApi: { id: '2', name: 'space' } }),
			},
		},
		credentials: credentialsOf(host, port, /\.(?:pull|load|unload)$/.test(name) ? 'ollama' : undefined),
		...more,
	}).catch((error: unknown) => error);
}
