// The layout of an index on Qdrant, as the form of Create and Migrate gives it.
import { describeIndexes } from '../../../../lib/vectorIndex';
import { QdrantStandIn } from '../../../support/qdrant/server';
import { runFor, useFolder } from '../tenants/tenants';

useFolder();
const standIn = new QdrantStandIn();
let url: string;
beforeAll(async () => {
	url = await standIn.start();
});
afterAll(async () => await standIn.stop());

const run = async (operation: string, parameters: object): Promise<unknown> => {
	const [output] = await runFor(
		`vectorIndex: index.${operation}`,
		{ backend: 'qdrant', index: 'kb', ...parameters },
		[{ json: {} }],
		{ continueOnFail: true, credentials: () => ({ qdrantUrl: url }) },
	);
	return output?.json;
};
const layoutNow = async () => (await describeIndexes({ backend: 'qdrant', url }))[0]?.settings?.layout;

it('takes the numbers of a layout and those that replace them, and Migrate changes them', async () => {
	const made = await run('create', {
		embedding: 'builtinFast',
		layout: 'cluster',
		layoutSettings: { shards: 4, tenantField: 'customer', maxRows: 500 },
	});
	expect(made).toMatchObject({
		layout: { shards: 4, replicas: 2, writeConsistency: 1, tenantField: 'customer', limits: { rows: 500 } },
		placement: { shards: 4, replicas: 2 },
	});
	const chunks = { embedding: 'keep', changeChunking: true, method: 'recursive', size: 200 };
	expect(await run('migrate', { ...chunks, layout: 'safeCluster' })).toMatchObject({ state: 'switched' });
	expect(await layoutNow()).toEqual({ shards: 6, replicas: 3, writeConsistency: 2, tenantField: 'customer' });
	expect(await run('migrate', { ...chunks, layoutSettings: { onDisk: true } })).toMatchObject({
		state: 'switched',
	});
	expect(await layoutNow()).toMatchObject({ shards: 6, replicas: 3, onDisk: true });
	// Without a change there is nothing to do.
	expect(await run('migrate', chunks)).toMatchObject({ state: 'unchanged' });
});

it('refuses two replicas with write consistency 2 and says why', async () => {
	expect(
		JSON.stringify(
			await run('create', {
				...{ index: 'other', embedding: 'builtinFast' },
				layoutSettings: { replicas: 2, writeConsistency: 2 },
			}),
		),
	).toMatch(/must not wait for all 2 replicas/);
});
