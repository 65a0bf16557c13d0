import { createSecretRedactor, SECRET, SECRET_SHAPES, STARS } from '../../../lib/support';

const KEY = 'Tr0ub4dor&3/"key"';

/** Texts with a secret in the shape, each as it is written down somewhere; the shape alone has to find it. */
const EXAMPLES: { readonly [shape in string]: ReadonlyArray<readonly [text: string, expected: string]> } = {
	privateKey: [
		['a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b', `a ${SECRET} b`],
		['-----BEGIN PRIVATE KEY-----\nMIIE', SECRET],
	],
	headers: [
		['Authorization: Bearer abcd then', `Authorization: ${SECRET} then`],
		['authorization: "Token abcdefgh", x', `authorization: "${SECRET}", x`],
		[
			'Authorization: Digest username="me", realm="a b", response="6629fae4", qop=auth\nnext',
			`Authorization: ${SECRET}\nnext`,
		],
		[
			'{"authorization":"Digest username=\\"me\\", response=\\"66\\"","b":1}',
			`{"authorization":"${SECRET}","b":1}`,
		],
		[
			'Authorization: AWS4-HMAC-SHA256 Credential=AKID/2024/s3/aws4_request, SignedHeaders=host;range, Signature=fe5f80',
			`Authorization: ${SECRET}`,
		],
		['Proxy-Authorization: Basic dXNlcjpwYXNz', `Proxy-Authorization: ${SECRET}`],
		['Cookie: a=1; sid=31d4d96e407aad42', `Cookie: ${SECRET}`],
		['"cookie": "a=1; sid=31d4d96e407aad42", "b": 2', `"cookie": "${SECRET}", "b": 2`],
		['Set-Cookie: sid=31d4; Path=/; HttpOnly; Secure\nServer: x', `Set-Cookie: ${SECRET}\nServer: x`],
		["-H 'Cookie: a=1; b=2' https://x", `-H 'Cookie: ${SECRET}' https://x`],
		['"{\\"cookie\\":\\"a=1; b=2\\",\\"c\\":3}"', `"{\\"cookie\\":\\"${SECRET}\\",\\"c\\":3}"`],
	],
	namedKeys: [
		['x-api-key: 12345678', `x-api-key: ${SECRET}`],
		['api-key=abcdefg1&b', `api-key=${SECRET}&b`],
		['{"apiKey": "abcdefgh1"}', `{"apiKey": "${SECRET}"}`],
		['access_token=ya29.a0AfH6', `access_token=${SECRET}`],
		['client_secret: "s3cr3t-value"', `client_secret: "${SECRET}"`],
		['X-Amz-Signature=fe5f80f77d5fa3be', `X-Amz-Signature=${SECRET}`],
		['password: hunter22222', `password: ${SECRET}`],
	],
	parameters: [
		['sent Digest username="me", response="66"', `sent Digest ${SECRET}`],
		['AWS4-HMAC-SHA256 Credential=A/b, Signature=fe', `AWS4-HMAC-SHA256 ${SECRET}`],
	],
	bearer: [
		['the Bearer abcdefgh.ij', `the Bearer ${SECRET}`],
		['BEARER abcdefgh', `BEARER ${SECRET}`],
	],
	basic: [['Basic dXNlcjpwYXNzd29yZA==', `Basic ${SECRET}`]],
	openAi: [['sk-proj-abcdefghijklmnop', SECRET]],
	gitHub: [
		[`ghp_${'a1'.repeat(18)}`, SECRET],
		[`github_pat_${'a_1'.repeat(12)}`, SECRET],
	],
	gitLab: [[`glpat-${'a1'.repeat(10)}`, SECRET]],
	huggingFace: [[`hf_${'a1'.repeat(17)}`, SECRET]],
	stripe: [[`sk_live_${'a1'.repeat(12)}`, SECRET]],
	aws: [
		['AKIAIOSFODNN7EXAMPLE.', `${SECRET}.`],
		['ASIAIOSFODNN7EXAMPLE', SECRET],
	],
	google: [[`AIza${'a'.repeat(35)}`, SECRET]],
	slack: [['xoxb-2048-abcdef', SECRET]],
	jsonWebToken: [['t eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.dozjgNryP4J3jVmNHl0w5N u', `t ${SECRET} u`]],
	urlPassword: [['postgres://me:s3cret@db:5432/x', `postgres://me:${SECRET}@db:5432/x`]],
};

const places = (name: string, text: string): string => {
	let result = '';
	let copied = 0;
	for (const { start, end } of SECRET_SHAPES[name]?.(text) ?? []) {
		result += text.slice(copied, start) + SECRET;
		copied = end;
	}
	return result + text.slice(copied);
};

describe('shapes of secrets', () => {
	it('has an example for each shape', () => {
		expect(Object.keys(EXAMPLES).sort()).toEqual(Object.keys(SECRET_SHAPES).sort());
	});

	const cases = Object.entries(EXAMPLES).flatMap(([shape, texts]) =>
		texts.map(([text, expected]) => [shape, text, expected] as const),
	);
	// The shape alone: another one that finds the same by chance does not hide that it is gone.
	it.each(cases)('%s finds it in %j', (shape, text, expected) => {
		expect(places(shape, text)).toBe(expected);
	});

	it.each(cases)('all together (%s) leave nothing of %j', (_, text, expected) => {
		const result = createSecretRedactor().text(text);
		for (const word of expected.split(SECRET)) expect(result).toContain(word.trim().slice(0, 10));
		expect(result).toContain(SECRET);
	});

	it.each([
		'apiKey: string is a parameter of the constructor',
		'The cookie: it was sweet.',
		'an authorization: yes',
		'task-force-of-many-people-and-more',
		'Bearer of bad news',
		'https://example.org:8080/path',
		'password: string;',
	])('leaves prose alone: %s', (text) => {
		expect(createSecretRedactor().text(text)).toBe(text);
	});
});

describe('known secrets', () => {
	const redactor = createSecretRedactor([KEY, 'pw1', 'true'], STARS);
	const encoded = (before: string) => Buffer.from(`${before}${KEY}:x`).toString('base64');

	it.each([
		['as it is', `key ${KEY}!`],
		['escaped in JSON', JSON.stringify({ a: KEY })],
		['escaped twice', JSON.stringify(JSON.stringify({ a: KEY }))],
		['percent-encoded', `?key=${encodeURIComponent(KEY)}`],
		['percent-encoded in small letters', encodeURIComponent(KEY).replace(/%../g, (e) => e.toLowerCase())],
		['in a form', new URLSearchParams({ key: KEY }).toString()],
		['escaped as Go does', JSON.stringify(KEY).replaceAll('&', '\\u0026')],
		['in base64', encoded('')],
		['in base64, one byte further', encoded('u')],
		['in base64, two bytes further', encoded('u:')],
		['in URL-safe base64', Buffer.from(KEY).toString('base64url')],
	])('are taken out %s', (_, text) => {
		const result = redactor.text(text);
		expect(result).toContain(STARS);
		expect(result).not.toContain('ub4dor');
		for (const part of result.split(STARS)) {
			expect(Buffer.from(part, 'base64').toString()).not.toContain('ub4dor');
		}
	});

	it('are taken out where they are short, as words of their own only', () => {
		expect(redactor.text('use pw1, not apw12')).toBe('use ***, not apw12');
	});

	it('do not include words of every text', () => {
		expect(redactor.text('it is true')).toBe('it is true');
	});

	it('are taken out of nested values, with what is named like a credential', () => {
		expect(redactor.deep({ a: [`x ${KEY}`], password: 'b', headers: { c: 1 }, [KEY]: 2 })).toEqual({
			a: ['x ***'],
			'***': 2,
		});
	});
});
