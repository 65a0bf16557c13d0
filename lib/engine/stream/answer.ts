import { isObject, parseJson } from '../../support';
import type { FinishReason, TokenLogprob, Usage } from '../types/chat';
import type { ChatPartial, ToolCall } from '../types/messages';
import { ThinkSplitter } from './thinkSplitter';

/** What a streamed answer is made of, as it arrives. */
export interface AnswerListener {
	text(text: string, logprobs?: readonly TokenLogprob[]): void;
	reasoning(text: string): void;
	toolCall(index: number, id: string, name: string, argumentsDelta: string): void;
}

interface OpenCall {
	id: string;
	/** The id as the engine gave it. */
	given: string | undefined;
	name: string;
	arguments: string;
}

/**
 * One attempt at an answer: a dialect's reader puts the pieces in, and what was seen (above all: a finish reason) says
 * whether it is an answer at all. Strings are joined as they come; V8 keeps them as ropes, so this is linear.
 */
export class Answer {
	content = '';
	thinking = '';
	model: string | undefined;
	finish: FinishReason | undefined;
	usage: Partial<Usage> | undefined;
	loadMs: number | undefined;
	logprobs: TokenLogprob[] | undefined;
	/** Pieces of output seen, the count of tokens where the engine gives none. */
	pieces = 0;
	/** When the first and the last piece came, on performance.now()'s clock. */
	firstAt = 0;
	lastAt = 0;
	private readonly calls: OpenCall[] = [];
	/** Where the engine's index stands in `calls`. */
	private readonly places: number[] = [];
	/** Of text that the splitter still holds back. */
	private heldLogprobs: TokenLogprob[] | undefined;
	private readonly splitter = new ThinkSplitter();

	constructor(
		private readonly onPiece: (now: number) => void,
		private readonly listener?: AnswerListener,
	) {}

	text(text: string, logprobs?: readonly TokenLogprob[]): void {
		this.piece();
		if (logprobs !== undefined) (this.logprobs ??= []).push(...logprobs);
		if (this.splitter.done) {
			this.say(text, logprobs);
			return;
		}
		if (logprobs !== undefined) (this.heldLogprobs ??= []).push(...logprobs);
		this.splitter.feed(text);
		this.takeSplit();
	}

	reasoning(text: string): void {
		this.piece();
		this.splitter.done = true;
		this.thinking += text;
		this.listener?.reasoning(text);
	}

	/**
	 * A piece of a tool call; `id` and `name` come with its first piece only. Another id under an index that has one is
	 * another call: some servers number every call 0.
	 */
	toolCall(index: number, id: string | undefined, name: string | undefined, argumentsDelta: string): void {
		this.piece();
		const given = id === undefined || id === '' ? undefined : id;
		let place = this.places[index];
		const open = place === undefined ? undefined : this.calls[place];
		if (place === undefined || (given !== undefined && open?.given !== undefined && open.given !== given))
			place = this.places[index] = this.calls.length;
		const call = (this.calls[place] ??= { id: `call_${place}`, given: undefined, name: '', arguments: '' });
		if (given !== undefined) call.id = call.given = given;
		if (name !== undefined && name !== '') call.name = name;
		call.arguments += argumentsDelta;
		this.listener?.toolCall(place, call.id, call.name, argumentsDelta);
	}

	/** A piece came that is not told yet: the deadlines between pieces hold for it, too. */
	alive(): void {
		this.onPiece(performance.now());
	}

	/** Called when the stream is over: text held back by the splitter is let go. */
	flush(): void {
		if (this.splitter.done) return;
		this.splitter.end();
		this.takeSplit();
	}

	get began(): boolean {
		return this.pieces > 0;
	}

	get hasToolCalls(): boolean {
		return this.calls.length > 0;
	}

	partial(): ChatPartial {
		return { text: this.content, reasoning: this.thinking, toolCalls: this.toolCalls() };
	}

	toolCalls(): ToolCall[] {
		return this.calls.map(checkedCall);
	}

	private takeSplit(): void {
		const { thought, said } = this.splitter.take();
		if (thought !== '') {
			this.thinking += thought;
			this.listener?.reasoning(thought);
		}
		if (said !== '') {
			this.say(said, this.heldLogprobs);
			this.heldLogprobs = undefined;
		}
	}

	/** Models put blank lines between their thinking and the answer: they are no part of it. */
	private say(text: string, logprobs?: readonly TokenLogprob[]): void {
		const said = this.content === '' && this.thinking !== '' ? text.trimStart() : text;
		if (said === '') return;
		this.content += said;
		this.listener?.text(said, logprobs);
	}

	private piece(): void {
		this.pieces++;
		this.lastAt = performance.now();
		if (this.firstAt === 0) this.firstAt = this.lastAt;
		this.onPiece(this.lastAt);
	}
}

/** Models and max_tokens break arguments (transcripts, finding 11): they are handed on as written, with the reason. */
function checkedCall(call: OpenCall): ToolCall {
	const text = call.arguments === '' ? '{}' : call.arguments;
	const parsed = parseJson(text);
	if (isObject(parsed)) return { id: call.id, name: call.name, arguments: text };
	const invalid =
		parsed === undefined
			? `arguments are not valid JSON (${text.length} characters, cut off or broken)`
			: 'arguments are not a JSON object';
	return { id: call.id, name: call.name, arguments: call.arguments, invalid };
}
