// An OpenAI-compatible engine over real HTTP that does what it is asked: calls the tools it is given with arguments of their
// schemas, writes JSON of a schema, and answers in words when it has the results. For the behaviour of clients, not of models.
import { createServer } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { listenLocally } from './listen';

type Json = Record<string, unknown>;

interface Body {
	readonly messages: ReadonlyArray<{ readonly role: string; readonly content: unknown }>;
	readonly tools?: ReadonlyArray<{ readonly function: { readonly name: string; readonly parameters: Json } }>;
	readonly response_format?: { readonly json_schema?: { readonly schema: Json } };
	readonly stop?: readonly string[];
}

export interface ObedientEngine {
	readonly url: string;
	readonly asked: Body[];
	close(): Promise<void>;
}

export async function startObedientEngine(): Promise<ObedientEngine> {
	const asked: Body[] = [];
	const server = createServer((request, response) => {
		if (request.method === 'GET') {
			response.end('{"object":"list","data":[{"id":"obedient","object":"model"}]}');
			return;
		}
		const parts: Buffer[] = [];
		request.on('data', (part: Buffer) => parts.push(part));
		request.on('end', () => {
			const body = JSON.parse(Buffer.concat(parts).toString()) as Body;
			asked.push(body);
			const deltas = deltasFor(body);
			const called = deltas.some((delta) => 'tool_calls' in delta);
			void (async () => {
				response.writeHead(200, { 'content-type': 'text/event-stream' });
				for (const delta of deltas) {
					response.write(chunk([{ index: 0, delta, finish_reason: null }]));
					await turn();
				}
				response.write(chunk([{ index: 0, delta: {}, finish_reason: called ? 'tool_calls' : 'stop' }]));
				const usage = {
					prompt_tokens: 12,
					completion_tokens: deltas.length,
					prompt_tokens_details: { cached_tokens: 3 },
					completion_tokens_details: { reasoning_tokens: 2 },
				};
				response.end(`${chunk([], usage)}data: [DONE]\n\n`);
			})();
		});
	});
	return { ...(await listenLocally(server)), asked };
}

const chunk = (choices: unknown[], usage?: Json): string =>
	`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'obedient', choices, usage })}\n\n`;

function deltasFor({ messages, tools = [], response_format: format, stop = [] }: Body): Json[] {
	const last = messages.at(-1);
	if (tools.length > 0 && last?.role !== 'tool') return callsOf(tools, JSON.stringify(last?.content ?? ''));
	const schema = format?.json_schema?.schema;
	const text = schema ? JSON.stringify(exampleOf(schema)) : 'Hello, how are you today?';
	const cut = stop.map((each) => text.indexOf(each)).filter((at) => at >= 0);
	return pieces(cut.length > 0 ? text.slice(0, Math.min(...cut)) : text).map((content) => ({ content }));
}

/** The tools that the question names, else the first one; in pieces, those of several calls in turn. */
function callsOf(tools: NonNullable<Body['tools']>, question: string): Json[] {
	const named = tools.filter((tool) => question.includes(tool.function.name));
	const calls = (named.length > 0 ? named : tools.slice(0, 1)).map((tool, index) => ({
		index,
		id: `obedient-${index}`,
		name: tool.function.name,
		parts: pieces(JSON.stringify(exampleOf(tool.function.parameters))),
	}));
	const longest = Math.max(...calls.map(({ parts }) => parts.length));
	return Array.from({ length: longest }, (_, at) =>
		calls.flatMap(({ index, id, name, parts }) => {
			const args = parts[at];
			if (args === undefined) return [];
			const head = at === 0 ? { id, type: 'function' } : {};
			return [{ tool_calls: [{ index, ...head, function: { ...(at === 0 && { name }), arguments: args } }] }];
		}),
	).flat();
}

/** The simplest value that a schema accepts. */
function exampleOf(schema: Json): unknown {
	if (Array.isArray(schema.enum)) return schema.enum[0];
	switch (schema.type) {
		case 'object': {
			const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
			return Object.fromEntries(properties.map(([name, each]) => [name, exampleOf(each)]));
		}
		case 'array':
			return [];
		case 'integer':
		case 'number':
			return 3;
		case 'boolean':
			return true;
		default:
			return 'Paris';
	}
}

const pieces = (text: string): string[] => text.match(/[\s\S]{1,7}/g) ?? [];
