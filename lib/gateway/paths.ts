import type { IncomingMessage } from 'node:http';
import { trimEndOf } from '../support';
import { GatewayError } from './errors';
import type { Route } from './types';

/** How the paths end, whatever stands before; the first that fits counts. */
const ENDS: ReadonlyArray<readonly [end: string, Route, method: 'GET' | 'POST']> = [
	['/chat/completions', 'chat', 'POST'],
	['/responses', 'responses', 'POST'],
	['/messages/count_tokens', 'countTokens', 'POST'],
	['/messages', 'messages', 'POST'],
	['/completions', 'completions', 'POST'],
	['/embeddings', 'embeddings', 'POST'],
	['/rerank', 'rerank', 'POST'],
	['/audio/transcriptions', 'transcriptions', 'POST'],
	['/models', 'models', 'GET'],
	['/health', 'health', 'GET'],
];
const ONE_MODEL = '/models/';
/** A path with a model's name is short; nothing longer is looked at. */
const MAX_PATH = 2_048;

/** What a request asks for, by the end of its path. HEAD is a GET whose body Node does not send. */
export function routeOf({ method = '', url = '' }: IncomingMessage): { route: Route; id?: string } {
	const path = trimEndOf(url.slice(0, MAX_PATH).split('?', 1)[0] ?? '', '/');
	const expect = (allowed: string): void => {
		if (method !== allowed && !(method === 'HEAD' && allowed === 'GET'))
			throw new GatewayError('methodNotAllowed', `${path} takes ${allowed}, not ${method}.`);
	};
	for (const [end, route, allowed] of ENDS) {
		if (!path.endsWith(end)) continue;
		expect(allowed);
		return { route };
	}
	const model = path.indexOf(ONE_MODEL);
	if (model !== -1) {
		expect('GET');
		return { route: 'models', id: decode(path.slice(model + ONE_MODEL.length)) };
	}
	if (/\/responses\/[^/]+/.test(path))
		throw new GatewayError(
			'notFound',
			'This gateway does not keep responses: each answer is given once, to the request that asked for it.',
		);
	throw new GatewayError(
		'notFound',
		`There is no ${path.slice(0, 200)} here. Try /v1/chat/completions, /v1/responses, /v1/messages, /v1/embeddings, /v1/rerank, /v1/audio/transcriptions or /v1/models.`,
	);
}

function decode(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		throw new GatewayError('invalidRequest', 'The model name in the path is not properly encoded.');
	}
}
