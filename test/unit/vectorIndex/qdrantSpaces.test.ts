// On one Qdrant server the name of an index begins with its space: nobody else's is opened, listed, made or dropped.
import {
	createIndex,
	createVersion,
	dropIndex,
	type IndexAddress,
	listIndexes,
	listVersions,
	openIndex,
	restoreIndex,
	snapshotIndex,
	switchVersion,
} from '../../../lib/vectorIndex';
import { QdrantStandIn } from '../../support/qdrant/server';
import { axis } from './data';

const standIn = new QdrantStandIn();
let url: string;
beforeAll(async () => {
	url = await standIn.start();
});
afterAll(async () => {
	await standIn.stop();
	expect(standIn.violations).toEqual([]);
});

const settings = { model: 'm', dimensions: 4, fingerprint: 'f' };
const at = (space: string | undefined, name = 'handbook'): IndexAddress => ({
	backend: 'qdrant',
	url,
	name,
	space,
});
const ACCOUNTING = 'accounting-000000000001';
const others = [undefined, 'hr-000000000002', 'accounting-000000000003', 'accounting'];
const rowsOf = async (address: IndexAddress): Promise<string[]> => {
	const texts: string[] = [];
	for await (const { text } of (await openIndex(address)).scan()) texts.push(text);
	return texts;
};

beforeEach(async () => {
	const index = await createIndex(at(ACCOUNTING), settings, { ifExists: 'open' });
	await index.upsert([{ source: 'a.md', text: 'secret', vector: axis(4, 1) }]);
});

it('shows the name without the space', async () => {
	expect((await (await openIndex(at(ACCOUNTING))).info()).name).toBe('handbook');
	expect(await listIndexes(at(ACCOUNTING))).toEqual(['handbook']);
});

it.each(others)('is out of reach for the space %p', async (space) => {
	expect(await listIndexes(at(space))).toEqual([]);
	const words = `There is no index named "handbook"`;
	await expect(openIndex(at(space))).rejects.toThrow(words);
	await expect(listVersions(at(space))).rejects.toThrow(words);
	await expect(createVersion(at(space), settings)).rejects.toThrow(words);
	await expect(dropIndex(at(space), 'handbook')).rejects.toThrow(words);
	const [live] = await listVersions(at(ACCOUNTING));
	await expect(switchVersion({ ...at(space), version: live?.version ?? '' })).rejects.toMatchObject({
		kind: 'notFound',
	});
	// The name of the server's alias is no name of an index.
	await expect(openIndex(at(space, `${ACCOUNTING}.handbook`))).rejects.toMatchObject({ kind: 'invalidName' });
	// The same name is free for them, and theirs alone.
	const own = await createIndex(at(space), settings);
	expect((await own.info()).rows).toBe(0);
	const bytes = snapshotIndex(await openIndex(at(ACCOUNTING)));
	await restoreIndex(at(space), bytes, { replace: true });
	expect(await listIndexes(at(space))).toEqual(['handbook']);
	await dropIndex(at(space), 'handbook');
	expect(await rowsOf(at(ACCOUNTING))).toEqual(['secret']);
});
