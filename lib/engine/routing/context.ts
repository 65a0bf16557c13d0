import type { DialectSpec } from '../dialects';
import { EngineError } from '../errors';
import type { ChatRequest } from '../types/chat';
import type { Engine } from './engine';
import { findModel } from './names';

/** Shorter prompts (characters) nearly always fit; should one not, the engine says so at once. Asking first would cost more. */
const NEVER_TOO_LONG = 1_500;

/**
 * Looks whether a long prompt fits the context that is *loaded* (not what the model could do), before the engine spends
 * its time on it or cuts it. Counted by the engine's tokenizer where it has one to ask, else estimated and refused only
 * when hopeless: no text has more than about 8 characters a token.
 */
export function checkContext(
	engine: Engine,
	spec: DialectSpec,
	model: string,
	request: ChatRequest,
): undefined | Promise<EngineError | undefined> {
	const characters = charactersOf(request);
	return characters < NEVER_TOO_LONG ? undefined : compare(engine, spec, model, request, characters);
}

async function compare(
	engine: Engine,
	spec: DialectSpec,
	model: string,
	request: ChatRequest,
	characters: number,
): Promise<EngineError | undefined> {
	const remembered = await loadedContext(engine, model, request, false);
	if (remembered === undefined) return undefined;
	// A token is never shorter than a byte, so this many characters always fit.
	if (characters * 3 < remembered) return undefined;
	const counted = await spec.countTokens?.(engine.ask, request, model).catch(() => undefined);
	const atLeast = counted ?? Math.floor(characters / 8);
	if (atLeast < remembered) return undefined;
	// Before it is refused: the model may have been loaded anew, with more context, since we looked.
	const context = await loadedContext(engine, model, request, true);
	if (context === undefined || atLeast < context) return undefined;
	const about = counted === undefined ? `at least ${atLeast}` : `${counted}`;
	return new EngineError(
		'contextExceeded',
		`The prompt has ${about} tokens, and ${engine.name} has "${model}" loaded with a context of ${context}. Shorten it, or start the engine with a larger context.`,
		{ engine: engine.name, model, promptTokens: counted, contextTokens: context },
	);
}

async function loadedContext(
	engine: Engine,
	model: string,
	request: ChatRequest,
	fresh: boolean,
): Promise<number | undefined> {
	if (request.contextSize !== undefined && engine.known?.can.has('contextSize') === true)
		return request.contextSize;
	// The list is a help here: an engine without one is simply asked.
	const list = await (fresh ? engine.models() : Promise.resolve(engine.list.get())).catch(() => []);
	const info = findModel(list, model) ?? (list.length === 1 ? list[0] : undefined);
	engine.contextSeen = info?.contextTokens;
	return info?.contextTokens;
}

export function charactersOf(request: ChatRequest): number {
	let sum = 0;
	for (const message of request.messages) {
		if (typeof message.content === 'string') sum += message.content.length;
		else for (const part of message.content) if (part.type === 'text') sum += part.text.length;
	}
	if (request.tools !== undefined && request.tools.length > 0) sum += JSON.stringify(request.tools).length;
	return sum;
}
