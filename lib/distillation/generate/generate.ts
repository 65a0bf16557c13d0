import type { CallContext } from '../../support';
import { throwIfCancelled } from '../errors';
import { checkOptions } from './checkOptions';
import { Generation } from './generation';
import type { Generated, GenerateOptions, GenerateReport, Prompt } from './types';

/**
 * A teacher answers prompts. Yields what became of each prompt as it is done (not in order) and returns the totals.
 * Prompts are taken from the source only as they are begun; a failed one is reported and loses nothing else; with a
 * `store` every record is durable before it is yielded, and a run after a kill goes on where it stopped.
 * Errors: `licence`, `invalidOptions`, `cancelled`, `store`.
 */
export async function* generate(
	prompts: AsyncIterable<Prompt> | Iterable<Prompt>,
	options: GenerateOptions,
	call: CallContext = {},
): AsyncGenerator<Generated, GenerateReport> {
	checkOptions(options);
	const generation = new Generation(options, call);
	const running = new Map<number, Promise<Generated>>();
	const limit = options.concurrency ?? 4;
	let position = 0;
	const next = async (): Promise<Generated> => {
		const done = await Promise.race(running.values());
		running.delete(done.position);
		call.onProgress?.({
			done: Object.values(generation.counts).reduce((sum, count) => sum + count),
			note: `${generation.tokens} tokens`,
		});
		return done;
	};
	try {
		for await (const prompt of prompts) {
			throwIfCancelled(call.signal);
			while (running.size >= limit) yield await next();
			if (!generation.mayBegin()) break;
			running.set(position, generation.answer(prompt, position));
			position++;
		}
		while (running.size > 0) yield await next();
	} finally {
		generation.end();
		await Promise.allSettled(running.values());
	}
	return {
		...generation.counts,
		tokens: generation.tokens,
		...(generation.stopped === undefined ? {} : { stopped: generation.stopped }),
	};
}
