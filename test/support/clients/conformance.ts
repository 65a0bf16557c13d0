// What every client must be able to do through the gateway: one test for each call that the table names.
import type { ClientGateway } from './gateway';
import { CALLS, CLIENTS, type Call, type Client, type ClientId } from './table';

/** What a client gives back, whatever its own types are. */
export interface CallResults {
	/** The answer of the text model to {@link QUESTION}. */
	readonly chat: string;
	/** The same in pieces. */
	readonly stream: readonly string[];
	/** The tool model calls `get_weather`, is told {@link WEATHER}, and answers. */
	readonly tools: { readonly city: unknown; readonly answer: string };
	/** `{ ok: boolean }`, held to its schema. */
	readonly schema: unknown;
	/** Of two texts. */
	readonly embeddings: ReadonlyArray<ArrayLike<number>>;
	/** Of a model that is not there: the client's own error. */
	readonly errors: { readonly status: unknown; readonly message: string };
	/** Leaves in the middle of an answer of the endless model. */
	readonly abort: unknown;
}

/** How a client makes its calls. */
export type ClientCalls = { readonly [call in Call]?: () => Promise<CallResults[call]> };

export const QUESTION = 'What is the capital of France?';
export const WEATHER = 'sunny, 21 degrees';
export const TOOL_ANSWER = 'Hello, how are you today?';

/** Tests a client. Its calls must be those that the table names for it. */
export function testClient(id: ClientId, gateway: () => ClientGateway, calls: ClientCalls): void {
	const { name, api, calls: named }: Client = CLIENTS[id];
	describe(`${name}, ${api}`, () => {
		it('makes the calls that the table names', () => {
			expect(CALLS.filter((call) => calls[call] !== undefined)).toEqual(named);
		});
		for (const call of CALLS)
			if (calls[call] !== undefined) it(call, async () => await check(call, calls, gateway()));
	});
}

async function check<C extends Call>(call: C, calls: ClientCalls, gateway: ClientGateway): Promise<void> {
	const make = calls[call];
	if (make !== undefined) await CHECKS[call](await make(), gateway);
}

type Checks = {
	readonly [call in Call]: (given: CallResults[call], gateway: ClientGateway) => Promise<void> | void;
};

/** Clients whose tool has been answered so far: the engine must have been told as often. */
let told = 0;

const CHECKS: Checks = {
	chat: (answer: CallResults['chat']) => expect(answer).toContain('Paris is the capital of France'),
	// How many pieces there are is a matter of speed; that they come one by one is what `abort` shows.
	stream: (pieces: CallResults['stream']) =>
		expect(pieces.join('')).toContain('Paris is the capital of France'),
	tools: ({ city, answer }: CallResults['tools'], { tools }) => {
		expect([city, answer]).toEqual(['Paris', TOOL_ANSWER]);
		const heard = tools.asked.filter(({ messages }) =>
			messages.some(({ role, content }) => role === 'tool' && JSON.stringify(content).includes(WEATHER)),
		);
		expect(heard.length).toBeGreaterThanOrEqual(++told);
	},
	schema: (value: CallResults['schema']) => expect(value).toEqual({ ok: expect.any(Boolean) }),
	embeddings: (vectors: CallResults['embeddings']) => {
		expect(vectors.map(({ length }) => length)).toEqual([64, 64]);
		expect(Array.from(vectors[0] ?? [])).not.toEqual(Array.from(vectors[1] ?? []));
	},
	errors: ({ status, message }: CallResults['errors']) => {
		expect(status).toBe(404);
		expect(message).toMatch(/nobody-has-this/);
	},
	abort: async (_: unknown, gateway) => await gateway.left(),
};
