import { NodeConnectionTypes } from 'n8n-workflow';
import type { GatewaySettings } from './settings';

/**
 * An output for exchanges, and one for requests that this workflow answers; each only where there is something to put out, because
 * n8n pins sample data of nodes with one output only. n8n evaluates this text where it knows nothing of our code.
 */
export const outputs = `={{ ((parameters) => {
	const { exchanges, aliases } = parameters;
	const requests = (aliases?.values ?? []).some(({ answeredBy }) => answeredBy === 'workflow');
	if (!requests) return [{ displayName: '', type: '${NodeConnectionTypes.Main}' }];
	const names = exchanges === 'none' ? ['Requests'] : ['Exchanges', 'Requests'];
	return names.map((displayName) => ({ displayName, type: '${NodeConnectionTypes.Main}' }));
})($parameter) }}` as const;

/** Place of the output by which requests leave. */
export const requestOutput = ({ exchanges }: Pick<GatewaySettings, 'exchanges'>): number =>
	exchanges === 'none' ? 0 : 1;
