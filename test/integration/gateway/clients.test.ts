// The official openai client, LangChain's ChatOpenAI and the Vercel AI SDK against the Engine Gateway in a real n8n, with real
// llama.cpp servers behind it: at n8n's webhook URL and on a port of its own.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { embed, generateText, jsonSchema, Output, streamText, tool } from 'ai';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { APIError } from 'openai';
import { sharedHost, type N8nClient } from '../../support/n8n';
import { describeLlama, freePort, startLlama, type LlamaServer } from '../../support/llamaServer';
import { gatewayKey as apiKey, publishGateway, until, type EngineOf } from './support';

const SENTENCE = 'Hello! Paris is the capital of France, and this sentence never changes.';
const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }];
const parameters = {
	type: 'object' as const,
	properties: { city: { type: 'string' as const } },
	required: ['city'],
};
const schema = {
	type: 'object' as const,
	properties: { ok: { type: 'boolean' as const } },
	required: ['ok'],
	additionalProperties: false,
};

describeLlama('the gateway in n8n', () => {
	let client: N8nClient;
	let servers: LlamaServer[];
	beforeAll(async () => {
		({ client } = await sharedHost());
		servers = await Promise.all([
			startLlama('ci-text', { temp: 0 }),
			startLlama('ci-tool', { temp: 0 }),
			startLlama('tiny-rerank', { embedding: true, pooling: 'mean', alias: 'tiny-embed' }),
			startLlama('tiny-rerank', { reranking: true }),
		]);
	});
	afterAll(async () => {
		await Promise.all(servers.map((server) => server.stop()));
	});

	describe.each(['webhook', 'port'] as const)('at its %s', (serveAt) => {
		let baseURL: string;
		let toolsURL: string;
		const workflows: Array<Awaited<ReturnType<typeof publishGateway>>> = [];
		let openai: OpenAI;

		beforeAll(async () => {
			const port = await freePort();
			const [text, tools, embedding, rerank] = servers.map(({ url }) => url);
			const publish = async (suite: string, engines: EngineOf[], at: number) => {
				workflows.push(
					await publishGateway(client, `${suite} ${serveAt}`, engines, {
						serveAt,
						path: `${suite}/v1`,
						port: at,
						exchanges: 'each',
						aliases: { values: [{ from: 'gpt-4o-mini', to: 'ci-text' }] },
					}),
				);
				return serveAt === 'port' ? `http://127.0.0.1:${at}/v1` : `${client.url}/webhook/${suite}/v1`;
			};
			baseURL = await publish(
				'gateway-clients',
				[
					{ url: text ?? '', chatModel: 'ci-text' },
					{ url: embedding ?? '', embeddingModel: 'tiny-embed' },
					{ url: rerank ?? '', rerankModel: 'tiny-rerank' },
				],
				port,
			);
			// a gateway of its own: a llama.cpp server answers to any model name, so the first tier would take the calls
			toolsURL = await publish(
				'gateway-tools',
				[{ url: tools ?? '', chatModel: 'ci-tool' }],
				await freePort(),
			);
			openai = new OpenAI({ apiKey, baseURL });
		});
		afterAll(async () => {
			await Promise.all(workflows.map((workflow) => workflow.stop()));
		});

		describe('the Anthropic client', () => {
			const clientOf = (url: string) => new Anthropic({ apiKey, baseURL: url.replace(/\/v1$/, '') });
			const ask = { max_tokens: 100, temperature: 0, messages };

			it('gets, streams and counts', async () => {
				const anthropic = clientOf(baseURL);
				const answer = await anthropic.messages.create({ ...ask, model: 'gpt-4o-mini' });
				expect(JSON.stringify(answer.content)).toContain('Paris is the capital of France');
				const streamed = await anthropic.messages.stream({ ...ask, model: 'ci-text' }).finalMessage();
				expect(streamed.content).toEqual(answer.content);
				const counted = await anthropic.messages.countTokens({ model: 'ci-text', messages });
				expect(counted.input_tokens).toBe(
					answer.usage.input_tokens + (answer.usage.cache_read_input_tokens ?? 0),
				);
			});

			it('calls a tool', async () => {
				const answer = await clientOf(toolsURL).messages.create({
					...ask,
					model: 'ci-tool',
					tools: [{ name: 'get_weather', input_schema: parameters }],
				});
				expect(answer.stop_reason).toBe('tool_use');
				expect(answer.content.at(-1)).toMatchObject({
					type: 'tool_use',
					name: 'get_weather',
					input: { city: 'Paris' },
				});
			});
		});

		describe('the openai client', () => {
			it('gets an answer under the name it is set to, with usage', async () => {
				const answer = await openai.chat.completions.create({
					model: 'gpt-4o-mini',
					messages,
					temperature: 0,
				});
				expect(answer.choices[0]?.message.content).toContain('Paris is the capital of France');
				expect(answer.choices[0]?.finish_reason).toBe('stop');
				expect(answer.usage?.completion_tokens).toBeGreaterThan(0);
			});

			it('streams, with usage at the end', async () => {
				const stream = await openai.chat.completions.create({
					model: 'ci-text',
					messages,
					temperature: 0,
					stream: true,
					stream_options: { include_usage: true },
				});
				const pieces: string[] = [];
				let usage;
				for await (const chunk of stream) {
					pieces.push(chunk.choices[0]?.delta.content ?? '');
					usage ??= chunk.usage;
				}
				expect(pieces.join('')).toContain(SENTENCE.slice(0, 60));
				expect(usage?.total_tokens).toBeGreaterThan(0);
			});

			it('gets and streams answers by the Responses API', async () => {
				const answer = await openai.responses.create({
					model: 'gpt-4o-mini',
					input: 'What is it?',
					temperature: 0,
				});
				expect(answer.output_text).toContain('Paris is the capital of France');
				const stream = openai.responses.stream({ model: 'ci-text', input: 'What is it?', temperature: 0 });
				let text = '';
				for await (const event of stream)
					if (event.type === 'response.output_text.delta') text += event.delta;
				expect(text).toContain(SENTENCE.slice(0, 60));
				expect((await stream.finalResponse()).usage?.total_tokens).toBeGreaterThan(0);
			});

			it('is told that a model is not there, with similar names', async () => {
				await expect(openai.responses.create({ model: 'ci-texts', input: 'Hi' })).rejects.toMatchObject({
					status: 404,
					code: 'model_not_found',
					message: expect.stringMatching(/ci-text/),
				});
			});

			it('assembles a streamed tool call with its own helper', async () => {
				const run = new OpenAI({ apiKey, baseURL: toolsURL }).chat.completions.stream({
					model: 'ci-tool',
					messages,
					temperature: 0,
					tools: [{ type: 'function', function: { name: 'get_weather', parameters } }],
				});
				const answer = await run.finalChatCompletion();
				const [call] = answer.choices[0]?.message.tool_calls ?? [];
				expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
				expect(
					call?.type === 'function' && [call.function.name, JSON.parse(call.function.arguments)],
				).toEqual(['get_weather', { city: 'Paris' }]);
			});

			it('gets JSON that keeps to its schema', async () => {
				const answer = await openai.chat.completions.create({
					model: 'ci-text',
					messages,
					response_format: { type: 'json_schema', json_schema: { name: 'verdict', schema, strict: true } },
				});
				expect(typeof JSON.parse(answer.choices[0]?.message.content ?? '').ok).toBe('boolean');
			});

			it('gets the same vectors as numbers and as base64, which is what it asks for by itself', async () => {
				const input = ['one text', 'another'];
				const packed = await openai.embeddings.create({ model: 'tiny-embed', input });
				const plain = await openai.embeddings.create({
					model: 'tiny-embed',
					input,
					encoding_format: 'float',
				});
				expect(packed.data.map(({ embedding }) => embedding.length)).toEqual([64, 64]);
				for (const [index, { embedding }] of packed.data.entries())
					expect(
						Math.max(...embedding.map((x, at) => Math.abs(x - (plain.data[index]?.embedding[at] ?? NaN)))),
					).toBeLessThan(1e-6);
			});

			it('lists the models of all engines and the alias', async () => {
				const ids = (await openai.models.list()).data.map(({ id }) => id);
				expect(ids).toEqual(expect.arrayContaining(['ci-text', 'tiny-embed', 'tiny-rerank', 'gpt-4o-mini']));
			});

			// n8n's webhooks have no place for a name with slashes: docs/gateway.md.
			if (serveAt === 'port')
				it('finds one model by its name, and says when nobody has it', async () => {
					expect(await openai.models.retrieve('gpt-4o-mini')).toMatchObject({ id: 'gpt-4o-mini' });
					await expect(openai.models.retrieve('org/nobody-has-this')).rejects.toMatchObject({
						status: 404,
						param: 'model',
					});
				});

			it('throws its own errors for a wrong key, a field nobody can fulfil, and an empty text', async () => {
				const failure = async (work: Promise<unknown>): Promise<APIError> => {
					const error: unknown = await work.then(
						() => undefined,
						(thrown: unknown) => thrown,
					);
					if (error instanceof APIError) return error;
					throw new Error('the call did not fail with an APIError');
				};
				const stranger = new OpenAI({ apiKey: 'not-a-key-of-this-gateway', baseURL });
				const ask = { model: 'ci-text', messages };
				expect(await failure(stranger.chat.completions.create(ask))).toMatchObject({
					status: 401,
					code: 'invalid_api_key',
				});
				expect(await failure(openai.chat.completions.create({ ...ask, n: 17 }))).toMatchObject({
					status: 400,
					param: 'n',
				});
				expect(await failure(openai.embeddings.create({ model: 'tiny-embed', input: '' }))).toMatchObject({
					status: 400,
				});
			});

			it('can leave in the middle of a stream', async () => {
				const stream = await openai.chat.completions.create({ model: 'ci-text', messages, stream: true });
				for await (const chunk of stream) {
					expect(chunk.object).toBe('chat.completion.chunk');
					stream.controller.abort();
				}
				const after = await openai.chat.completions.create({ model: 'ci-text', messages });
				expect(after.choices).toHaveLength(1);
			});
		});

		describe('LangChain’s ChatOpenAI', () => {
			const model = () =>
				new ChatOpenAI({ apiKey, model: 'ci-text', temperature: 0, configuration: { baseURL } });

			it('answers and streams', async () => {
				const answer = await model().invoke('What is the capital of France?');
				expect(answer.text).toContain('Paris');
				expect(answer.usage_metadata?.output_tokens).toBeGreaterThan(0);
				const pieces: string[] = [];
				for await (const chunk of await model().stream('What is the capital of France?'))
					pieces.push(chunk.text);
				expect(pieces.join('')).toBe(answer.text);
			});

			it('calls tools and keeps to a schema', async () => {
				const tools = [
					{
						type: 'function' as const,
						function: { name: 'get_weather', description: 'Weather', parameters },
					},
				];
				const withTools = new ChatOpenAI({
					apiKey,
					model: 'ci-tool',
					temperature: 0,
					configuration: { baseURL: toolsURL },
				});
				const { tool_calls: calls } = await withTools.bindTools(tools).invoke('Weather?');
				expect(calls?.[0]).toMatchObject({ name: 'get_weather', args: { city: 'Paris' } });
				const structured = model().withStructuredOutput<{ ok: boolean }>(
					{ title: 'verdict', ...schema },
					{ method: 'jsonSchema' },
				);
				expect(typeof (await structured.invoke('Is it?')).ok).toBe('boolean');
			});

			it('embeds', async () => {
				const embeddings = new OpenAIEmbeddings({ apiKey, model: 'tiny-embed', configuration: { baseURL } });
				expect((await embeddings.embedDocuments(['a', 'b'])).map((vector) => vector.length)).toEqual([
					64, 64,
				]);
			});
		});

		describe('the Vercel AI SDK', () => {
			const provider = (url = baseURL) =>
				createOpenAICompatible({ name: 'gateway', apiKey, baseURL: url, supportsStructuredOutputs: true });

			it('answers and streams', async () => {
				const { text, usage } = await generateText({
					model: provider()('ci-text'),
					messages,
					temperature: 0,
				});
				expect(text).toContain('Paris');
				expect(usage.outputTokens).toBeGreaterThan(0);
				const pieces: string[] = [];
				for await (const piece of streamText({ model: provider()('ci-text'), messages, temperature: 0 })
					.textStream)
					pieces.push(piece);
				expect(pieces.join('')).toBe(text);
			});

			it('runs tools', async () => {
				const { toolCalls } = await generateText({
					model: provider(toolsURL)('ci-tool'),
					messages,
					temperature: 0,
					tools: {
						get_weather: tool({
							description: 'Weather',
							inputSchema: jsonSchema<{ city: string }>(parameters),
						}),
					},
				});
				expect(toolCalls[0]).toMatchObject({ toolName: 'get_weather', input: { city: 'Paris' } });
			});

			it('keeps to a schema and embeds', async () => {
				const { output } = await generateText({
					model: provider()('ci-text'),
					messages,
					output: Output.object({ schema: jsonSchema<{ ok: boolean }>(schema) }),
				});
				expect(typeof output.ok).toBe('boolean');
				const { embedding } = await embed({
					model: provider().embeddingModel('tiny-embed'),
					value: 'a text',
				});
				expect(embedding).toHaveLength(64);
			});

			it('can be aborted', async () => {
				const stop = new AbortController();
				const run = generateText({
					model: provider()('ci-text'),
					messages,
					abortSignal: stop.signal,
					maxRetries: 0,
				});
				stop.abort();
				await expect(run).rejects.toThrow(/abort/i);
			});
		});

		it('reranks for any HTTP client', async () => {
			const response = await fetch(`${baseURL}/rerank`, {
				method: 'POST',
				headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
				body: JSON.stringify({ model: 'tiny-rerank', query: 'q', documents: ['a', 'b', 'c'], top_n: 2 }),
			});
			const { results } = JSON.parse(await response.text());
			expect(results).toHaveLength(2);
			expect(results[0].relevance_score).toBeGreaterThanOrEqual(results[1].relevance_score);
		});

		it('starts the workflow for each exchange, with the answer and without any key', async () => {
			const [workflow] = workflows;
			if (!workflow) throw new Error('nothing was published');
			const word = `word-${serveAt}-${Date.now()}`;
			const before = (await client.executions(workflow.id)).map(({ id }) => id);
			await openai.chat.completions.create({
				model: 'gpt-4o-mini',
				messages: [{ role: 'user', content: word }],
			});
			let data = '';
			await until(async () => {
				for (const { id } of await client.executions(workflow.id)) {
					if (before.includes(id)) continue;
					({ data } = await client.rest('GET', `/executions/${id}`));
					if (data.includes(word)) return true;
				}
				return false;
			});
			expect(data).toContain('Paris is the capital');
			expect(data).toContain('gpt-4o-mini');
			expect(data).not.toContain(apiKey);
		});
	});
});
