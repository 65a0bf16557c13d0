// Five hundred questions at the webhook process, sixteen at a time, and one of two workers dies in the middle.
import { N8nClient, publishKnowledgeBase, sharedHost } from '../support/n8n';
import { startQueue, type Queue, type QueueProcess } from '../support/queue';

jest.setTimeout(600_000);

const questions = 500;
const inFlight = 16;
/** Longest that a caller may wait, the dead worker's included. */
const patienceMs = 90_000;

const cities =
	'Aachen Bergen Cork Delft Evora Faro Ghent Havana Izmir Jena Krakow Lyon Malmo Nantes Oslo Porto Quito Riga Split Turin Utrecht Varna Wismar Xanten York Zagreb Aarhus Bilbao Cadiz Dresden Essen Florence Granada Hanover Innsbruck Juba Kiel Leeds Milan Naples Odense Parma Rouen Siena Trier Ulm Verona Windhoek Yantai Zurich'.split(
		' ',
	);
const codeOf = (city: number) => String(4000 + city * 37);
const documents = cities.map((city, at) => ({
	source: `${city.toLowerCase()}.md`,
	text: `The door code of the ${city} office is ${codeOf(at)}.`,
}));

interface Outcome {
	readonly at: number;
	readonly status: number;
	readonly text: string;
	readonly ms: number;
	readonly correct: boolean;
}

/** Executions that a worker has begun and not ended, by its own log. */
const unfinished = ({ output }: QueueProcess) => {
	const count = (pattern: RegExp) => output().match(pattern)?.length ?? 0;
	return count(/Worker started execution/g) - count(/Worker finished execution/g);
};

describe('queue mode under load', () => {
	let queue: Queue | string;

	beforeAll(async () => {
		queue = await startQueue({
			tarball: (await sharedHost()).tarball,
			workers: 2,
			webhook: true,
			env: {
				N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true',
				// how long the queue waits for a worker that no longer answers: docs/guides/queue-mode.md
				QUEUE_WORKER_LOCK_DURATION: '20000',
				QUEUE_WORKER_LOCK_RENEW_TIME: '5000',
				QUEUE_WORKER_STALLED_INTERVAL: '10000',
			},
		});
	});

	afterAll(async () => {
		if (typeof queue !== 'string') await queue?.stop();
	});

	test('no answer is wrong, and every caller gets an answer or a clear error in bounded time', async () => {
		if (typeof queue === 'string') return console.warn(`Skipped: ${queue}`);
		const { client, workers, webhook } = queue;
		const [doomed, survivor] = workers;
		if (!webhook || !doomed || !survivor) throw new Error('two workers and a webhook process were asked for');
		await publishKnowledgeBase(client, 'load');
		const caller = new N8nClient(webhook.url);
		const call = async (path: string, body: unknown) =>
			await caller.webhook(`load/knowledge-base/${path}`, body, {
				signal: AbortSignal.timeout(patienceMs),
			});
		const stored = await call('documents', { documents });
		expect(stored.json).toMatchObject({ added: documents.length, failed: [] });

		const outcomes: Outcome[] = [];
		let next = 0;
		let interrupted = 0;
		const askOn = async () => {
			while (next < questions) {
				const at = next++;
				if (at === questions / 2) {
					while (unfinished(doomed) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
					interrupted = unfinished(doomed);
					await doomed.kill();
				}
				const city = at % cities.length;
				const answer = await call('ask', {
					question: `What is the door code of the ${cities[city]} office?`,
				});
				const { status, text, ms, json } = answer;
				const correct =
					json?.answer?.includes(codeOf(city)) === true &&
					json.citations[0]?.source === documents[city]?.source;
				outcomes.push({ at, status, text, ms, correct });
			}
		};
		await Promise.all(Array.from({ length: inFlight }, askOn));

		const answered = outcomes.filter(({ status }) => status === 200);
		const failed = outcomes.filter(({ status }) => status !== 200);
		const slowest = Math.max(...outcomes.map(({ ms }) => ms));
		console.info(
			`${answered.length} answered, ${failed.length} failed (${[...new Set(failed.map(({ text }) => text))].join('; ')}), ` +
				`${interrupted} were with the worker that died, the slowest took ${Math.round(slowest / 1000)} s`,
		);
		expect(outcomes).toHaveLength(questions);
		expect(answered.filter(({ correct }) => !correct)).toEqual([]);
		// only what was with the dead worker may fail, and then with a sentence
		expect(interrupted).toBeGreaterThan(0);
		expect(failed.length).toBeLessThanOrEqual(inFlight);
		for (const { status, text } of failed) {
			expect(status).toBeGreaterThanOrEqual(400);
			expect(JSON.parse(text)).toMatchObject({ message: expect.stringMatching(/\w+ \w+/) });
		}
		// the other worker did the rest
		expect(survivor.output()).toMatch(/Worker finished execution/);
		expect((await call('ask', { question: 'What is the door code of the York office?' })).status).toBe(200);
	});
});
