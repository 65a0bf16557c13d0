// What the templates say to their own samples.
/** What one click leads to: the last node, and what it has to say. */
export const samples: Record<string, { readonly node: string; readonly says: object }> = {
	'knowledge-base-ingest': { node: 'Answer With the Report', says: { added: 3, failed: [] } },
	'knowledge-base-ask': {
		node: 'Answer the Caller',
		says: { found: true, answer: expect.stringContaining('30 days') },
	},
	'documents-model': {
		node: 'Gateway Answer',
		says: { found: true, output: expect.stringContaining('30 days') },
	},
	'folder-sync': { node: 'In Step', says: { state: 'inStep', added: 3 } },
	'google-drive-sync': { node: 'In Step', says: { state: 'inStep', added: 2 } },
	'sharepoint-sync': { node: 'In Step', says: { state: 'inStep', added: 2 } },
	'nextcloud-sync': { node: 'In Step', says: { state: 'inStep', added: 2 } },
	's3-sync': { node: 'In Step', says: { state: 'inStep', added: 2 } },
	'website-sync': { node: 'In Step', says: { state: 'inStep', added: 2 } },
	'mailbox-sync': { node: 'In Step', says: { state: 'inStep', added: 3 } },
	'contextual-chunking': { node: 'Answer With the Report', says: { index: 'contextual', state: 'written' } },
	'retrieval-report': { node: 'Good', says: { state: 'good', questions: 6 } },
	'drift-alarm': { node: 'No Drift', says: { state: 'same', cosine: 1 } },
	'finish-vectors': { node: 'Finish Vectors', says: { index: 'knowledge-base', filled: 0 } },
	'index-migration': { node: 'Migrated', says: { state: 'migrated' } },
	'support-triage': { node: 'Answer', says: { state: 'routed', team: 'workshop', urgency: 'high' } },
	'invoice-extraction': { node: 'Answer', says: { state: 'accepted', invoice: { total: 178.5 } } },
	'engine-gateway': { node: 'Answered by Another Engine', says: { state: 'anotherEngine' } },
	'mail-invoices': {
		node: 'Add to the Table',
		says: { supplier: 'Finch Components Ltd', number: '2026-118', total: 178.5, currency: 'EUR' },
	},
	'distillation-record': { node: 'Record', says: { id: 'chatcmpl-sample' } },
	'distillation-feedback': { node: 'Answer', says: { record: 'chatcmpl-sample', added: true } },
	'distillation-nightly': { node: 'Set Is Built', says: { state: 'built', rows: 1 } },
	'distillation-teacher': { node: 'Train Further', says: { state: 'notGoodEnough' } },
	'ab-test': { node: 'Answer', says: { variant: expect.stringMatching(/^(short|friendly)$/) } },
	'capacity-report': { node: 'Carries It', says: { state: 'carries' } },
};

/** Run only when somebody comes: a client, a person at a form or a chat. */
export const waiting = ['agent-chat', 'mcp-search', 'start-here'];

/** They can be published only with an account of the service that they read. */
export const needAccount = [
	'google-drive-sync',
	'mail-invoices',
	'mailbox-sync',
	'nextcloud-sync',
	's3-sync',
	'sharepoint-sync',
];
