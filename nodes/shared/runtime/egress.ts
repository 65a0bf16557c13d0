import type { NodeEgressFilter } from 'n8n-workflow';
import type { PoolOptions } from '../../../lib/engine';

interface EgressHelper {
	getSecureEgressFilter?(): NodeEgressFilter | undefined;
}

/**
 * n8n's egress filter (protection against server-side request forgery). The oldest hosts have no such helper, and before n8n 2.37
 * it returns nothing unless the protection is turned on.
 */
export function egressOf({ helpers }: { readonly helpers: object }): PoolOptions {
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
