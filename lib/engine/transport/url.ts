import { trimEndOf } from '../../support';
import { EngineError } from '../errors';

/** An engine's address taken apart: origin, path prefix (without `/v1`), and headers made of `user:password@`. */
export interface BaseUrl {
	readonly origin: string;
	readonly prefix: string;
	readonly headers: { readonly [name: string]: string };
	/** What must not be shown: the password and the header made of it. */
	readonly secrets: readonly string[];
}

/**
 * Takes `http://host:port`, with or without a path, with or without a trailing `/v1` (people copy both).
 * A login in the URL becomes a header, so that it never shows up in a message.
 *
 * @throws EngineError `invalidRequest` when it is no http(s) URL.
 */
export function parseBaseUrl(text: string): BaseUrl {
	let url: URL;
	try {
		url = new URL(text.includes('://') ? text : `http://${text}`);
	} catch {
		throw new EngineError(
			'invalidRequest',
			'The base URL of an engine is not a URL. It looks like http://host:port.',
		);
	}
	if (url.protocol !== 'http:' && url.protocol !== 'https:') {
		throw new EngineError('invalidRequest', `Engines are asked over http or https, not ${url.protocol}`);
	}
	const headers: { [name: string]: string } = {};
	const secrets: string[] = [];
	if (url.username !== '' || url.password !== '') {
		const password = decoded(url.password);
		const login = `${decoded(url.username)}:${password}`;
		const encoded = Buffer.from(login).toString('base64');
		headers.authorization = `Basic ${encoded}`;
		secrets.push(encoded, password);
	}
	const prefix = trimEndOf(url.pathname, '/').replace(/\/v1$/, '');
	return { origin: url.origin, prefix, headers, secrets };
}

/** The password in an address, '' where there is none: it must not be shown. */
export function passwordOf(baseUrl: string): string {
	return URL.canParse(baseUrl) ? decoded(new URL(baseUrl).password) : '';
}

/** People type a % in a password as it is: what is no escape is taken as written. */
function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}
