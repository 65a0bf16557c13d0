import { egressOf } from '../../../../nodes/shared/runtime/egress';

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
