// An OpenAI-compatible engine for the templates: it does by rule what a model would do with their samples, so that a test
// can tell a right outcome from a wrong one. Its models: "teacher", and "student", which knows half as much.
import { createServer, type Server } from 'node:http';
import { passagesIn } from './passages';

interface ChatBody {
	readonly model: string;
	readonly stream?: boolean;
	readonly logprobs?: boolean;
	readonly messages: ReadonlyArray<{
		readonly role: string;
		readonly content?: string | null;
		readonly tool_calls?: unknown;
	}>;
	readonly tools?: ReadonlyArray<{ readonly function: { readonly name: string } }>;
	readonly response_format?: { readonly json_schema?: { readonly schema?: { properties?: object } } };
}

export interface TemplateEngine {
	readonly url: string;
	/** Bodies of the chats it was asked, in order. */
	readonly asked: ChatBody[];
	/** Another embedding model under the same name from now on, as after an update. */
	replaceEmbeddingModel(): void;
	close(): Promise<void>;
}

interface Answer {
	readonly text?: string;
	readonly tokens?: ReadonlyArray<{ readonly token: string; readonly probability: number }>;
	readonly toolCall?: { readonly name: string; readonly arguments: object };
}

export async function startTemplateEngine(): Promise<TemplateEngine> {
	const asked: ChatBody[] = [];
	let generation = 0;
	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (data: Buffer) => (body += data.toString()));
		request.on('end', () => {
			if (request.url?.endsWith('/models')) {
				response.setHeader('content-type', 'application/json');
				response.end(
					'{"object":"list","data":[{"id":"teacher","object":"model"},{"id":"student","object":"model"}]}',
				);
				return;
			}
			if (request.url?.endsWith('/embeddings')) {
				const { input } = JSON.parse(body) as { input: string[] };
				const data = input.map((text, index) => ({ index, embedding: wordVector(text, generation) }));
				response.setHeader('content-type', 'application/json');
				response.end(JSON.stringify({ object: 'list', model: 'words', data, usage }));
				return;
			}
			if (!request.url?.endsWith('/chat/completions')) {
				response.writeHead(404).end('{"error":{"message":"no such path"}}');
				return;
			}
			const chat = JSON.parse(body) as ChatBody;
			asked.push(chat);
			response.setHeader('content-type', chat.stream ? 'text/event-stream' : 'application/json');
			response.end(chat.stream ? streamOf(chat, answerTo(chat)) : bodyOf(chat, answerTo(chat)));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: urlOf(server),
		asked,
		replaceEmbeddingModel: () => void (generation += 1),
		close: () => closed(server),
	};
}

/** Texts with the same words lie near each other; each generation spreads the words anew. */
function wordVector(text: string, generation: number): number[] {
	const vector = new Array<number>(64).fill(0);
	for (const word of text.toLowerCase().match(/\w+/g) ?? ['']) {
		let hash = 2166136261 + generation;
		for (const letter of word) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
		vector[(hash >>> 8) % 64]! += 1;
	}
	return vector;
}

function urlOf(server: Server): string {
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('The engine has no port');
	return `http://127.0.0.1:${address.port}`;
}

async function closed(server: Server): Promise<void> {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
}

function answerTo(chat: ChatBody): Answer {
	const system = textOf(chat, 'system');
	const last = chat.messages.at(-1)?.content ?? '';
	const fields = Object.keys(chat.response_format?.json_schema?.schema?.properties ?? {});
	if (system.includes('Answer with the name of one class')) return classify(last, system);
	if (fields.includes('urgency')) return { text: JSON.stringify(ticketForm(last)) };
	if (fields.includes('supplier')) {
		const all = Object.entries(invoice(textOf(chat, 'user')));
		return { text: JSON.stringify(Object.fromEntries(all.filter(([name]) => fields.includes(name)))) };
	}
	if (fields.includes('better'))
		return { text: JSON.stringify({ reason: 'by length', better: judged(last) }) };
	if (fields.includes('score')) return { text: '{"reason":"it is fine","score":4}' };
	if (system.includes('help a search engine'))
		return { text: 'This passage is about parcels of the bicycle shop.' };
	return answerQuestion(chat, last);
}

const textOf = (chat: ChatBody, role: string): string =>
	chat.messages
		.filter((message) => message.role === role)
		.map(({ content }) => content ?? '')
		.join('\n');

/** Sure where a word gives an offered class away, in two minds where two do, none where no word does. */
function classify(text: string, offered: string): Answer {
	const words = {
		billing: /invoice|refund|charged twice/i,
		delivery: /parcel|delivery/i,
		workshop: /battery|chain|brake/i,
		invoice: /invoice attached/i,
		question: /\?/,
	};
	const fits = Object.entries(words).flatMap(([label, pattern]) =>
		offered.includes(`\n- ${label}`) && pattern.test(text) ? [label] : [],
	);
	const choices = fits.length === 0 ? ['none of these'] : fits;
	return {
		text: choices[0],
		tokens: choices.map((token, place) => ({
			token,
			probability: place === 0 ? 0.98 / choices.length : 0.97 / choices.length,
		})),
	};
}

function ticketForm(text: string): object {
	return {
		urgency: /need|cannot ride/i.test(text) ? 'high' : 'normal',
		product: /Alder \w+/.exec(text)?.[0] ?? null,
		summary: text.split('. ')[0],
	};
}

/** Reads "3 chains at 24.00: 72.00" and the sums. A text without lines gives what no schema takes, as a lost model would. */
function invoice(text: string): object {
	const money = (pattern: RegExp) => Number(pattern.exec(text)?.[1]);
	const lines = [...text.matchAll(/^(\d+) (.+) at [\d.]+: ([\d.]+)$/gm)].map(
		([, quantity, description, amount]) => ({
			description,
			quantity: Number(quantity),
			amount: Number(amount),
		}),
	);
	return {
		supplier: text.split('\n')[0],
		number: /Invoice (\S+)/.exec(text)?.[1],
		date: '2026-03-02',
		currency: 'EUR',
		lines,
		net: money(/Net ([\d.]+)/),
		tax: money(/VAT .* ([\d.]+) EUR/),
		total: money(/Total ([\d.]+)/),
	};
}

/** The longer answer is the better one. */
function judged(prompt: string): string {
	const length = (side: string) =>
		new RegExp(`<answer ${side}>([\\s\\S]*?)</answer ${side}>`).exec(prompt)?.[1]?.length ?? 0;
	return length('A') === length('B') ? 'tie' : length('A') > length('B') ? 'A' : 'B';
}

/** With a tool it looks things up first and cites what it got; without one it has a sentence for everything. */
function answerQuestion(chat: ChatBody, last: string): Answer {
	const [tool] = chat.tools ?? [];
	if (tool && chat.messages.at(-1)?.role === 'tool') {
		const [first] = passagesIn(last);
		const wanted = /how many days/i.test(textOf(chat, 'user'));
		const days = wanted ? /within (\d+) days/.exec(first?.text ?? '')?.[1] : undefined;
		return {
			text: days
				? `You have ${days} days to send it back [${first?.number}].`
				: 'The documents do not say that.',
		};
	}
	if (tool) {
		return {
			toolCall: { name: tool.function.name, arguments: { input: last, query: last, question: last } },
		};
	}
	const known = `About "${last}": do it gently, check twice, and ask the workshop if in doubt.`;
	return { text: chat.model === 'student' ? known.slice(0, Math.floor(known.length / 2)) : known };
}

const usage = { prompt_tokens: 40, completion_tokens: 12, total_tokens: 52 };

function streamOf(chat: ChatBody, { text, tokens, toolCall }: Answer): string {
	const line = (delta: object, finish: string | null, logprobs?: object) =>
		`data: ${JSON.stringify({
			id: 'c',
			object: 'chat.completion.chunk',
			created: 1,
			model: chat.model,
			choices: [{ index: 0, delta, finish_reason: finish, ...(logprobs && { logprobs }) }],
		})}\n\n`;
	const end = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: chat.model, choices: [], usage })}\n\ndata: [DONE]\n\n`;
	if (toolCall) {
		const call = {
			index: 0,
			id: 'call_1',
			type: 'function',
			function: { name: toolCall.name, arguments: JSON.stringify(toolCall.arguments) },
		};
		return line({ role: 'assistant', tool_calls: [call] }, null) + line({}, 'tool_calls') + end;
	}
	const top = tokens?.map(({ token, probability }) => ({ token, logprob: Math.log(probability) }));
	const logprobs = chat.logprobs && top ? { content: [{ ...top[0], top_logprobs: top }] } : undefined;
	const words = (text ?? '').split(/(?<= )/);
	return (
		(logprobs
			? line({ role: 'assistant', content: text }, null, logprobs)
			: words.map((word) => line({ content: word }, null)).join('')) +
		line({}, 'stop') +
		end
	);
}

function bodyOf(chat: ChatBody, { text, toolCall }: Answer): string {
	const message = toolCall
		? {
				role: 'assistant',
				content: null,
				tool_calls: [
					{
						id: 'call_1',
						type: 'function',
						function: { name: toolCall.name, arguments: JSON.stringify(toolCall.arguments) },
					},
				],
			}
		: { role: 'assistant', content: text };
	return JSON.stringify({
		id: 'c',
		object: 'chat.completion',
		created: 1,
		model: chat.model,
		choices: [{ index: 0, message, finish_reason: toolCall ? 'tool_calls' : 'stop' }],
		usage,
	});
}
