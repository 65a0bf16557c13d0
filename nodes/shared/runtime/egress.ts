import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { ICredentialTestFunctions, NodeEgressFilter } from 'n8n-workflow';
import type { Egress } from '../../../lib/support';

interface EgressHelper {
	getSecureEgressFilter?(): NodeEgressFilter | undefined;
}

/**
 * n8n's egress filter (protection against server-side request forgery). The oldest hosts have no such helper, and before n8n 2.37
 * it returns nothing unless the protection is turned on.
 */
export function egressOf({ helpers }: { readonly helpers: object }): Egress {
	const filter = (helpers as EgressHelper).getSecureEgressFilter?.();
	if (!filter) return {};
	return {
		checkUrl: async (url) => {
			const verdict = await filter.validateUrl(url);
			if (!verdict.ok) throw verdict.error;
		},
		lookup: filter.createSecureLookup(),
	};
}

/** How long the request may take that only asks for leave. */
const LEAVE_MS = 5_000;

/**
 * The same for the test of a credential, which is handed no filter: its request helper asks the filter before anything is sent.
 * What else that request says does not matter. A name is looked up once for a connection and each address it has is asked about, so
 * that a name server that gives another address from one moment to the next leads nowhere else.
 */
export function egressOfTest({ helpers }: ICredentialTestFunctions): Required<Egress> {
	const ask = async (uri: string): Promise<void> => {
		try {
			await helpers.request({ method: 'HEAD', uri, followRedirect: false, timeout: LEAVE_MS });
		} catch (error) {
			for (let each: unknown = error; each instanceof Error; each = each.cause)
				if (each.name.startsWith('SsrfBlocked')) throw each;
		}
	};
	// Each address is asked on several paths.
	const asked = new Map<string, Promise<void>>();
	const askOnce = async (origin: string): Promise<void> => {
		const leave = asked.get(origin) ?? ask(origin);
		asked.set(origin, leave);
		await leave;
	};
	/** What was asked for under a name: an address is asked about at the same port. */
	const places = new Map<string, { readonly protocol: string; readonly port: string }>();
	return {
		checkUrl: async ({ origin, hostname, protocol, port }) => {
			places.set(hostname, { protocol, port });
			await askOnce(origin);
		},
		lookup: (hostname, options, callback) => {
			const found = async (): Promise<LookupAddress[]> => {
				const addresses = await lookup(hostname, { ...options, all: true });
				if (isAllowedByName(hostname)) return addresses;
				const { protocol = 'http:', port = '' } = places.get(hostname) ?? {};
				for (const { address, family } of addresses)
					await askOnce(new URL(`${protocol}//${family === 6 ? `[${address}]` : address}:${port}`).origin);
				return addresses;
			};
			found().then(
				(addresses) => {
					const [first] = addresses;
					if (options.all || first === undefined) callback(null, addresses);
					else callback(null, first.address, first.family);
				},
				(error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), []),
			);
		},
	};
}

/** n8n's filter lets these names through whatever their addresses are (its variable, as a list with commas; "*." is any subdomain). */
function isAllowedByName(hostname: string): boolean {
	const name = plainName(hostname);
	return (process.env.N8N_SSRF_ALLOWED_HOSTNAMES ?? '')
		.split(',')
		.map(plainName)
		.some((each) =>
			each.startsWith('*.') ? name.endsWith(each.slice(1)) && name.length >= each.length : each === name,
		);
}

const plainName = (name: string): string => {
	const plain = name.trim().toLowerCase();
	return plain.endsWith('.') ? plain.slice(0, -1) : plain;
};
