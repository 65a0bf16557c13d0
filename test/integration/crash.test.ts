// A power cut in the middle of an ingest: the same documents sent again give the same rows as an undisturbed run.
import path from 'node:path';
import { listIndexes, openIndex } from '../../lib/vectorIndex';
import { publishKnowledgeBase, sharedHost, startHost, type Host } from '../support/n8n';

jest.setTimeout(240_000);

/** Nine megabytes: several groups of chunks, seconds of work, so that a kill falls between two writes. */
const documents = Array.from({ length: 60 }, (_, document) => ({
	source: `manual-${document}.md`,
	text: Array.from(
		{ length: 900 },
		(__, paragraph) =>
			`## Part ${paragraph}\n\nValve ${document * 1000 + paragraph} of the pump in hall ${document} opens at ${paragraph} bar; ` +
			`the log of ${1900 + (paragraph % 120)} says that it was replaced after ${document + paragraph} hours of work.\n`,
	).join('\n'),
}));

const name = 'crash';
const fast = { embedding: 'builtinFast' };
const address = (host: Host) =>
	({ backend: 'embedded', directory: path.join(host.data, 'indexes'), name }) as const;

/** Rows of the index as n8n's process left them, or none when it has not been created yet. */
async function rows(host: Host): Promise<string[]> {
	const { directory } = address(host);
	const known = await listIndexes({ backend: 'embedded', directory }).catch((): string[] => []);
	if (!known.includes(name)) return [];
	const index = await openIndex(address(host));
	const found: string[] = [];
	for await (const { id, source, start, end, text } of index.scan())
		found.push(JSON.stringify([id, source, start, end, text]));
	await index.close();
	return found.sort();
}

/** How many rows there are, without reading them: looked at often, and beside a running ingest. */
async function countRows(host: Host): Promise<number> {
	const { directory } = address(host);
	const known = await listIndexes({ backend: 'embedded', directory }).catch((): string[] => []);
	return known.includes(name) ? await (await openIndex(address(host))).count() : 0;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('SIGKILL in the middle of an ingest', () => {
	it('leaves nothing that sending the documents again does not repair', async () => {
		const { tarball } = await sharedHost();
		const host = await startHost({ tarball });
		const undisturbed = await startHost({ tarball });
		try {
			const quiet = await publishKnowledgeBase(undisturbed.client, name, fast);
			expect((await quiet.ingest({ documents })).json).toMatchObject({ added: documents.length, failed: [] });
			const expected = await rows(undisturbed);
			expect(expected.length).toBeGreaterThan(documents.length * 10);

			const knowledge = await publishKnowledgeBase(host.client, name, fast);
			for (const share of [0, 0.5]) {
				const answer = knowledge.ingest({ documents }).then(
					({ status }) => `answered ${status}`,
					() => 'cut off',
				);
				while ((await countRows(host)) <= share * expected.length) await wait(10);
				await host.kill();
				expect(await answer).toBe('cut off');
				const left = await rows(host);
				expect(left.length).toBeGreaterThan(0);
				expect(left.length).toBeLessThan(expected.length);
				await host.restart();
				await host.client.published(`knowledgeBaseIngest${name}`);
			}
			const { json: report } = await knowledge.ingest({ documents });
			expect(report).toMatchObject({ failed: [] });
			expect(report.unchanged).toBeGreaterThan(0);
			expect(await rows(host)).toEqual(expected);
			expect((await knowledge.ingest({ documents })).json).toMatchObject({ unchanged: documents.length });
		} finally {
			await host.remove();
			await undisturbed.remove();
		}
	});
});
