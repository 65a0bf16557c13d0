import dns from 'node:dns/promises';
import { egressOf, egressOfTest } from '../../../../nodes/shared/runtime/egress';

describe('the egress filter of n8n', () => {
	it.each([
		['hosts without such a helper', {}],
		['hosts before 2.37 while the protection is off', { getSecureEgressFilter: () => undefined }],
	])('%s: engines are called without it', (_, helpers) => {
		expect(egressOf({ helpers })).toEqual({});
	});

	it('where there is one, addresses are checked and looked up by it', async () => {
		const lookup = () => undefined;
		const error = new Error('192.0.2.1 is not allowed');
		const helpers = {
			refused: '192.0.2.1',
			getSecureEgressFilter() {
				return {
					validateUrl: async (url: URL) =>
						url.hostname === this.refused ? { ok: false, error } : { ok: true, result: undefined },
					createSecureLookup: () => lookup,
				};
			},
		};
		const options = egressOf({ helpers });
		expect(options.lookup).toBe(lookup);
		await expect(options.checkUrl?.(new URL('http://192.0.2.2'))).resolves.toBeUndefined();
		await expect(options.checkUrl?.(new URL('http://192.0.2.1'))).rejects.toBe(error);
	});
});

describe('the test of a credential', () => {
	class SsrfBlockedIpError extends Error {
		override name = 'SsrfBlockedIpError';
	}
	/** A name that leads to a public address when n8n asks, and to this machine when the pack connects. */
	const rebinding = 'rebind.example';
	const uris: string[] = [];
	const context = {
		helpers: {
			request: async ({ uri }: { uri: string }) => {
				uris.push(uri);
				if (new URL(uri).hostname === '127.0.0.2')
					throw new Error('failed', { cause: new SsrfBlockedIpError('127.0.0.2 is blocked') });
			},
		},
	} as never;
	let answers: Array<{ address: string; family: number }> = [];
	beforeEach(() => {
		uris.length = 0;
		jest.spyOn(dns, 'lookup').mockImplementation((async () => answers) as never);
	});
	afterEach(() => {
		jest.restoreAllMocks();
		delete process.env.N8N_SSRF_ALLOWED_HOSTNAMES;
	});
	const lookedUp = async (hostname: string, all = true) => {
		const egress = egressOfTest(context);
		await egress.checkUrl(new URL(`http://${hostname}:8080/v1/models`));
		return await new Promise((resolve) =>
			egress.lookup(hostname, { all }, (error, address) => resolve(error ?? address)),
		);
	};

	it('connects to no address that n8n refuses, though it let the name through a moment before', async () => {
		answers = [{ address: '127.0.0.2', family: 4 }];
		expect(await lookedUp(rebinding)).toMatchObject({ name: 'SsrfBlockedIpError' });
		answers = [
			{ address: '192.0.2.1', family: 4 },
			{ address: '127.0.0.2', family: 4 },
		];
		expect(await lookedUp(rebinding, false)).toMatchObject({ name: 'SsrfBlockedIpError' });
	});

	it('connects to the addresses that were asked about', async () => {
		answers = [
			{ address: '192.0.2.1', family: 4 },
			{ address: '2001:db8::1', family: 6 },
		];
		expect(await lookedUp(rebinding)).toEqual(answers);
		expect(uris).toEqual([
			'http://rebind.example:8080',
			'http://192.0.2.1:8080',
			'http://[2001:db8::1]:8080',
		]);
		expect(await lookedUp(rebinding, false)).toBe('192.0.2.1');
	});

	it.each([
		[rebinding, true],
		['*.example', true],
		['Rebind.Example., other', true],
		['*.rebind.example', false],
		['bind.example', false],
	])('keeps to the names that n8n lets through whatever their address: %s', async (names, allowed) => {
		process.env.N8N_SSRF_ALLOWED_HOSTNAMES = names;
		answers = [{ address: '127.0.0.2', family: 4 }];
		expect(await lookedUp(rebinding)).toEqual(allowed ? answers : expect.any(SsrfBlockedIpError));
	});
});
