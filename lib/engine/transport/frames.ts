import { createParser } from 'eventsource-parser';
import { formatMegabytes } from '../../support';
import { EngineError } from '../errors';
import type { BodyReader } from './exchange';

/** No event of an engine is longer than this (a whole tool call with its arguments in one line). */
const MAX_EVENT = 8 * 1024 * 1024;

/** Cuts a Server-Sent Events body into the data of its events. Comments (keep-alive pings) are dropped: they are no tokens. */
export function sseReader(onData: (data: string) => void): BodyReader {
	const parser = createParser({
		onEvent: (event) => onData(event.data),
		onError: (error) => {
			if (error.type === 'max-buffer-size-exceeded') throw tooLong();
		},
		maxBufferSize: MAX_EVENT,
	});
	return { onText: (text) => parser.feed(text) };
}

/** Cuts newline-delimited JSON into its lines; blank lines are dropped. */
export function ndjsonReader(onLine: (line: string) => void): Required<BodyReader> {
	let rest = '';
	return {
		onText(text) {
			let start = 0;
			let end = text.indexOf('\n');
			// Only the piece before the first newline can continue an earlier chunk, so `rest` is never searched again.
			if (end !== -1 && rest !== '') {
				const line = rest + text.slice(0, end);
				rest = '';
				onLine(line);
				start = end + 1;
				end = text.indexOf('\n', start);
			}
			for (; end !== -1; start = end + 1, end = text.indexOf('\n', start)) {
				if (end > start) onLine(text.slice(start, end));
			}
			if (start < text.length) rest += start === 0 ? text : text.slice(start);
			if (rest.length > MAX_EVENT) throw tooLong();
		},
		// The last line may lack its newline; that of a body cut short never gets here.
		onEnd() {
			const line = rest.trim();
			rest = '';
			if (line !== '') onLine(line);
		},
	};
}

function tooLong(): EngineError {
	return new EngineError(
		'badAnswer',
		`The engine sent an event of more than ${formatMegabytes(MAX_EVENT)}, which no answer needs.`,
	);
}
