// A cluster loses its quorum while Migrate switches, and makes the switch when nobody waits for it any more.
import { deleteDocuments, migrate, syncAll, type IngestDocument } from '../../../lib/ingest';
import { createIndex, listVersions, openIndex } from '../../../lib/vectorIndex';
import { QdrantStandIn, type Exchange } from '../../support/qdrant/server';
import { WordEmbedder } from '../../support/wordEmbedder';

jest.setTimeout(120_000);

const embedder = new WordEmbedder();
const newEmbedder = new WordEmbedder('letters of another model', 6);
const standIn = new QdrantStandIn();
let url: string;
beforeAll(async () => {
	url = await standIn.start();
});
afterAll(async () => {
	await standIn.stop();
	expect(standIn.violations).toEqual([]);
});

const chunking = { method: 'recursive', size: 60 } as const;
const document = (at: number, text = `Valve ${at} opens at noon.`): IngestDocument => ({
	source: `manual-${at}.md`,
	text,
});
const LOST = {
	status: 500,
	message:
		'Service internal error: Waiting for consensus operation commit failed. Timeout set at: 10 seconds',
};
const isAliasChange = ({ path }: Exchange): boolean => path === '/collections/aliases';

it('what was stored and deleted until the late switch is carried over by the next run', async () => {
	const address = { backend: 'qdrant', url, name: 'kb' } as const;
	const { model, dimensions, id: fingerprint } = await embedder.fingerprint();
	const store = async (...documents: IngestDocument[]): Promise<void> => {
		const index = await openIndex(address);
		const { failures } = await syncAll(documents, { index, embedder, chunking, mode: 'add' });
		expect(failures).toBe(0);
	};
	await createIndex(address, { model, dimensions, fingerprint });
	await store(document(1), document(2), document(3));
	const run = async () => await migrate(address, { embedder: newEmbedder, minRecall: 0, maxWaitMs: 3_000 });

	let change: Exchange | undefined;
	standIn.fault = (exchange) => {
		if (!isAliasChange(exchange)) return undefined;
		change = exchange;
		return LOST;
	};
	await expect(run()).rejects.toMatchObject({
		kind: 'unreachable',
		message: expect.stringMatching(/not known whether it was done.*run this again/) as string,
	});
	standIn.fault = undefined;
	const before = (await listVersions(address)).find(({ live }) => live)?.version;

	await store(document(4), document(1, 'Valve 1 closes.'));
	await deleteDocuments(await openIndex(address), ['manual-2.md']);
	if (change) standIn.answer(change);
	const live = (await listVersions(address)).find((each) => each.live);
	expect(live?.settings.model).toBe((await newEmbedder.fingerprint()).model);
	expect(live?.version).not.toBe(before);

	expect(await run()).toMatchObject({ state: 'switched', version: live?.version });
	const index = await openIndex(address);
	expect([...(await index.tally('source')).keys()].sort()).toEqual([1, 3, 4].map((at) => `manual-${at}.md`));
	const texts: string[] = [];
	for await (const { text } of index.scan({ source: 'manual-1.md' })) texts.push(text);
	expect(texts).toEqual(['Valve 1 closes.']);
	expect(await run()).toMatchObject({ state: 'unchanged' });
});

it('a switch that was made although nobody said so ends the migration', async () => {
	const address = { backend: 'qdrant', url, name: 'done' } as const;
	const { model, dimensions, id: fingerprint } = await embedder.fingerprint();
	const index = await createIndex(address, { model, dimensions, fingerprint });
	await syncAll([document(1)], { index, embedder, chunking, mode: 'add' });
	standIn.done = isAliasChange;
	standIn.fault = (exchange) => (isAliasChange(exchange) ? LOST : undefined);
	expect(await migrate(address, { embedder: newEmbedder, minRecall: 0 })).toMatchObject({
		state: 'switched',
	});
});
