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
 * What else that request says does not matter.
 */
export function egressOfTest({ helpers }: ICredentialTestFunctions): Required<Pick<Egress, 'checkUrl'>> {
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
	return {
		checkUrl: async ({ origin }) => {
			const leave = asked.get(origin) ?? ask(origin);
			asked.set(origin, leave);
			await leave;
		},
	};
}
