// Queue mode, as a house with more than one worker runs n8n: the webhooks arrive at one process, the nodes run in another.
import { publishKnowledgeBase, sharedHost } from '../support/n8n';
import { startQueue, type Queue } from '../support/queue';

jest.setTimeout(240_000);

describe('queue mode', () => {
	let queue: Queue | string;

	beforeAll(async () => {
		queue = await startQueue({ tarball: (await sharedHost()).tarball });
	});

	afterAll(async () => {
		if (typeof queue !== 'string') await queue?.stop();
	});

	test('a worker ingests and answers, with the built-in encoder running beside it', async () => {
		if (typeof queue === 'string') return console.warn(`Skipped: ${queue}`);
		const { client, workers } = queue;
		const knowledge = await publishKnowledgeBase(client, 'queue');
		const stored = await knowledge.ingest({
			documents: [
				{ source: 'keys.md', text: 'The spare key hangs behind the blue door.' },
				{ source: 'soup.md', text: 'The canteen serves soup on Mondays.' },
			],
		});
		expect(stored.json).toMatchObject({ added: 2, failed: [] });
		const answer = await knowledge.ask({ question: 'Where does the spare key hang?' });
		expect(answer.json).toMatchObject({ found: true, call: { engine: 'built-in' } });
		expect(answer.json.citations[0]).toMatchObject({ source: 'keys.md', start: 0 });
		// The work was the worker's: it says so.
		expect(workers[0]?.output()).toMatch(/finished execution/i);
	});
});
