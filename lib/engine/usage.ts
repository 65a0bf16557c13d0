import type { Usage } from './types/chat';

/** What several calls used together; a figure that one of them lacks is the sum of the others. */
export function sumOfUsage(usages: readonly Usage[]): Usage {
	const total = (field: 'cachedTokens' | 'reasoningTokens' | 'draftTokens' | 'acceptedDraftTokens') => {
		const known = usages.map((usage) => usage[field]).filter((count) => count !== undefined);
		return known.length === 0 ? {} : { [field]: known.reduce((sum, count) => sum + count, 0) };
	};
	return {
		promptTokens: usages.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
		completionTokens: usages.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
		...total('cachedTokens'),
		...total('reasoningTokens'),
		...total('draftTokens'),
		...total('acceptedDraftTokens'),
		...(usages.some(({ estimated }) => estimated === true) ? { estimated: true } : {}),
	};
}
