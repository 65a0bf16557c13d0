import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EnginePool } from '../../../lib/engine';

// What somebody has typed, or pasted, into a credential.
describe('headers and keys that HTTP cannot carry', () => {
	const asked: IncomingHttpHeaders[] = [];
	let server: Server;
	let baseUrl: string;
	beforeAll(async () => {
		server = createServer((request, response) => {
			asked.push(request.headers);
			response.setHeader('content-type', 'application/json');
			response.end('{"choices":[{"message":{"content":"Yes."},"finish_reason":"stop"}]}');
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});
	afterAll(() => server.close());
	beforeEach(() => asked.splice(0));

	const answer = async (given: { apiKey?: string; headers?: Record<string, string> }): Promise<string> => {
		const pool = new EnginePool([{ dialect: 'openai', baseUrl, ...given }], {});
		try {
			return (await pool.complete({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] })).text;
		} finally {
			await pool.close();
		}
	};

	it.each([
		['a line break that would begin another header', { 'x-tenant': 'secret-tenant\r\nx-admin: 1' }],
		['a zero', { 'x-tenant': 'secret-tenant\u0000' }],
		['letters beyond Latin-1', { 'x-tenant': 'secret-tenant 日本' }],
		['a name with a line break', { 'x-tenant\r\nx-admin': 'secret-tenant' }],
		['no name', { '': 'secret-tenant' }],
		['the length of another body', { 'Content-Length': '5' }],
		['another end of the body', { 'transfer-encoding': 'chunked' }],
	])('%s: the engine is not asked, and the credential is named without the value', async (_, headers) => {
		const failed = answer({ headers });
		await expect(failed).rejects.toMatchObject({ kind: 'unauthorized' });
		await expect(failed).rejects.toThrow(/cannot be sent.*Correct it in the credential/);
		await expect(failed).rejects.not.toThrow(/secret-tenant/);
		expect(asked).toEqual([]);
	});

	it('a key with a line break, as it is copied from a page, is said to be one', async () => {
		await expect(answer({ apiKey: 'sk-0123456789\nnext' })).rejects.toThrow(
			/^(?!.*sk-0123).*The key for .* cannot/,
		);
		expect(asked).toEqual([]);
	});

	it('what HTTP allows is sent as it is', async () => {
		expect(await answer({ headers: { 'X-Tenant': 'Zoë; a="b"' } })).toBe('Yes.');
		expect(asked[0]).toMatchObject({ 'x-tenant': 'Zoë; a="b"' });
	});
});
