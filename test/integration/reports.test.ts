// Work that is watched while it runs, and reports that open at a page of n8n's own, with its authentication.
import { canvas, named, ours } from '../support/canvas';
import { type N8nClient, sharedHost } from '../support/n8n';
import { publishNode } from '../support/oneNode';

jest.setTimeout(180_000);

const PATH = 'watch-reports';
let url: string;
let client: N8nClient;

const authorization = `Basic ${Buffer.from('anna:correct horse').toString('base64')}`;
const open = async (address: string, headers: Record<string, string> = { authorization }) =>
	await fetch(address, { headers });

beforeAll(async () => {
	({ url, client } = await sharedHost());
	const { id } = await client.createCredential({
		name: 'Reports page',
		type: 'httpBasicAuth',
		data: { user: 'anna', password: 'correct horse' },
	});
	await client.importAndPublish(
		canvas(
			'reportsPage',
			{
				Reports: {
					type: ours('reports'),
					webhookId: 'reportsPage',
					parameters: { path: PATH, authentication: 'basicAuth' },
					credentials: { httpBasicAuth: { id, name: 'Reports page' } },
				},
			},
			[],
		),
	);
});

it('opens for who knows the password, and for nobody else', async () => {
	const page = `${url}/webhook/${PATH}`;
	const refused = await open(page, {});
	expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
		401,
		expect.stringContaining('Basic'),
	]);
	const wrong = Buffer.from('anna:wrong').toString('base64');
	expect((await open(page, { authorization: `Basic ${wrong}` })).status).toBe(401);
	const allowed = await open(page);
	expect([allowed.status, allowed.headers.get('content-type')]).toEqual([
		200,
		expect.stringContaining('text/html'),
	]);
	expect(allowed.headers.get('content-security-policy')).toContain("default-src 'none'");
	expect(await allowed.text()).toContain('Running now');
	expect((await open(`${page}?report=../../secrets`)).status).toBe(404);
});

it('shows a sync while it runs, with documents, chunks and speed', async () => {
	const index = named('watched');
	const sync = await publishNode(client, 'vectorIndex', {
		...{ resource: 'documents', operation: 'sync', index, embedding: 'builtinMultilingual', chunkSize: 300 },
		output: 'summary',
	});
	const progress = await publishNode(client, 'vectorIndex', { resource: 'index', operation: 'progress' });
	const info = await publishNode(client, 'vectorIndex', { resource: 'index', operation: 'info', index });
	// No two sentences are the same: what was embedded once is not embedded again.
	const sentence = (place: string) =>
		`Job ${place}: the workshop repairs the frame, the wheels and the gears of the bicycle that was brought in. `;
	const documents = Array.from({ length: 40 }, (_, position) => ({
		source: `note-${position}.md`,
		text: Array.from({ length: 12 }, (__, line) => sentence(`${position}-${line}`)).join(''),
	}));
	const running = sync(documents);
	let ended = false;
	void running.finally(() => {
		ended = true;
	});
	const seen: Array<{ page: string; job: Record<string, unknown>; info: Record<string, unknown> }> = [];
	while (!ended) {
		const { json } = await progress([{}]);
		const [job] = (json as Array<Record<string, unknown>>).filter(({ subject }) => subject === 'watched');
		// Chunks and documents count when they have their vectors: all of this is stored at once, at the end.
		if (job && Number(job.chunks) > 0 && job.state === 'running') {
			const [about = {}] = (await info([{}])).json as Array<Record<string, unknown>>;
			seen.push({ job, info: about, page: await (await open(`${url}/webhook/${PATH}`)).text() });
		}
		await new Promise((resolve) => setTimeout(resolve, 300));
	}
	expect((await running).json).toMatchObject([{ added: 40 }]);
	expect(seen.length).toBeGreaterThan(0);
	const [first] = seen;
	expect(first?.job).toMatchObject({
		task: 'Sync Documents',
		state: 'running',
		total: 40,
		unit: 'documents',
	});
	for (const name of ['chunks', 'chunksPerSecond', 'secondsLeft'])
		expect(first?.job[name]).toEqual(expect.any(Number));
	const counts = seen.map(({ job }) => Number(job.done));
	expect(counts.some((done) => done > 0 && done < 40)).toBe(true);
	expect(first?.page).toMatch(/of 40 documents, [\d,]+ chunks/);
	expect(seen.some(({ info: { running: jobs } }) => Array.isArray(jobs) && jobs.length > 0)).toBe(true);
});

it('keeps a report, says where to look, and opens it there', async () => {
	const index = named('watched');
	const evaluate = await publishNode(client, 'vectorIndex', {
		resource: 'index',
		operation: 'evaluate',
		index,
	});
	const { json } = await evaluate([{ question: 'What was done for job 7-3?', sources: ['note-7.md'] }]);
	const [{ report }] = json as [{ report: { title: string; url: string } }];
	expect(report).toEqual({ title: 'Retrieval of watched', url: expect.stringContaining(`/${PATH}?report=`) });
	const page = await open(report.url.replace(/^.*?\/webhook/, `${url}/webhook`));
	expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Retrieval with')]);
	expect(await (await open(`${url}/webhook/${PATH}`)).text()).toContain('Retrieval of watched');
	expect((await open(report.url.replace(/^.*?\/webhook/, `${url}/webhook`), {})).status).toBe(401);
});

it('lists each index once, however many items come', async () => {
	const list = await publishNode(client, 'vectorIndex', { resource: 'index', operation: 'list' });
	const names = ((await list([{}, {}, {}])).json as Array<{ name: string }>).map(({ name }) => name);
	expect(names).toEqual([...new Set(names)]);
	expect(names).toContain('watched');
});
