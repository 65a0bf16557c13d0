import type {
	Attempt,
	CallOptions,
	ChatEvent,
	ChatRequest,
	ChatResult,
	Engines,
} from '../../../../lib/engine';

/** What a scripted engine is to answer; the rest is filled in. */
export type Script = Partial<
	Pick<ChatResult, 'text' | 'reasoning' | 'toolCalls' | 'finishReason' | 'usage' | 'warnings'>
>;

const failed: Attempt = {
	engine: 'first',
	model: 'm',
	outcome: 'unreachable',
	message: 'first cannot be reached',
	queueMs: 0,
	ms: 3,
};
const attempts: Attempt[] = [failed, { engine: 'second', model: 'm', outcome: 'ok', queueMs: 0, ms: 12 }];

/** Engines that answer from a script, in order (the last answer repeats), and remember what they were asked. */
export class ScriptedEngines implements Pick<Engines, 'chat' | 'complete'> {
	readonly requests: ChatRequest[] = [];
	readonly calls: CallOptions[] = [];
	private turn = 0;

	constructor(private readonly scripts: readonly (Script | Error)[]) {}

	async complete(request: ChatRequest, call: CallOptions = {}): Promise<ChatResult> {
		return this.take(request, call);
	}

	async *chat(request: ChatRequest, call: CallOptions = {}): AsyncGenerator<ChatEvent, undefined> {
		const { text, reasoning, toolCalls, warnings, ...result } = this.take(request, call);
		yield { type: 'start', engine: result.engine, model: result.model, attempts: result.attempts };
		for (const piece of pieces(reasoning)) yield { type: 'reasoning', text: piece };
		for (const piece of pieces(text)) yield { type: 'text', text: piece };
		// Calls that are written at the same time arrive interleaved.
		const written = toolCalls.map((each) => pieces(each.arguments));
		for (let at = 0; at < Math.max(0, ...written.map(({ length }) => length)); at++) {
			for (const [index, { id, name }] of toolCalls.entries()) {
				const argumentsDelta = written[index]?.[at];
				if (argumentsDelta !== undefined) yield { type: 'toolCall', index, id, name, argumentsDelta };
			}
		}
		const { finishReason, usage, timings } = result;
		yield { type: 'end', finishReason, usage, timings, ...(warnings && { warnings }) };
	}

	private take(request: ChatRequest, call: CallOptions): ChatResult {
		call.signal?.throwIfAborted();
		this.requests.push(request);
		this.calls.push(call);
		const script = this.scripts[Math.min(this.turn++, this.scripts.length - 1)] ?? {};
		if (script instanceof Error) throw script;
		return {
			engine: 'second',
			model: 'm',
			dialect: 'openai',
			text: '',
			reasoning: '',
			toolCalls: [],
			finishReason: 'stop',
			usage: { promptTokens: 7, completionTokens: 5, cachedTokens: 4, reasoningTokens: 2 },
			timings: { queueMs: 0, firstTokenMs: 1, totalMs: 2 },
			attempts,
			...script,
		};
	}
}

const pieces = (text: string): string[] => text.match(/[\s\S]{1,4}/g) ?? [];
