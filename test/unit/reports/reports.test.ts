// What runs, how far it is, and reports that people look at.
import { mkdtempSync, rmSync, readdirSync, writeFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
	forgetAddress,
	keepReport,
	listJobs,
	listReports,
	overviewPage,
	readReport,
	rememberAddress,
	reportsAddress,
	RunningJob,
} from '../../../lib/reports';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'reports-'));
});
afterEach(() => {
	jest.useRealTimers();
	rmSync(folder, { recursive: true, force: true });
});

const start = {
	task: 'Sync Documents',
	subject: 'kb',
	node: 'Index',
	workflow: 'Nightly',
	unit: 'documents',
};
const fail = (thrown: unknown) => {
	throw thrown;
};
const wait = async (milliseconds: number) =>
	await new Promise((resolve) => setTimeout(resolve, milliseconds));

async function jobWhen(condition: (state: string | undefined) => boolean) {
	for (let turn = 0; turn < 100; turn++) {
		const [job] = await listJobs(folder);
		if (condition(job?.state)) return job;
		await wait(50);
	}
	throw new Error('The job did not get there');
}

it('goes by the share of all where that is known better than by what is finished', async () => {
	const job = new RunningJob(folder, start, fail);
	job.advance({ done: 0, total: 1, share: 0.25, chunks: 100 });
	const seen = await jobWhen((state) => state === 'running');
	const seconds = (Date.parse(seen?.updatedAt ?? '') - Date.parse(seen?.startedAt ?? '')) / 1000;
	expect(seen).toMatchObject({ done: 0, total: 1, share: 0.25, secondsLeft: Math.ceil(seconds * 3) });
	expect(overviewPage([seen!], [], () => '')).toContain('width:25%');
	await job.end();
});

it('a running job tells how much is done, how fast, and how long it will take', async () => {
	const job = new RunningJob(folder, start, fail);
	job.advance({ done: 50, total: 200, chunks: 400 });
	const seen = await jobWhen((state) => state === 'running');
	expect(seen).toMatchObject({ ...start, state: 'running', done: 50, total: 200, chunks: 400 });
	const { perSecond = 0, chunksPerSecond = 0, secondsLeft = 0 } = seen ?? {};
	expect(perSecond).toBeGreaterThan(10);
	expect(perSecond).toBeLessThanOrEqual(50);
	expect(chunksPerSecond / perSecond).toBeCloseTo(8, 0);
	expect(secondsLeft).toBeGreaterThanOrEqual(Math.floor(150 / 51));
	expect(secondsLeft).toBeLessThanOrEqual(15);
	await job.end();
	expect(await jobWhen((state) => state === 'finished')).not.toHaveProperty('secondsLeft');
});

it('a job that failed says why; one that took less than a second leaves nothing', async () => {
	await new RunningJob(folder, start, fail).end();
	expect(await listJobs(folder)).toEqual([]);
	const job = new RunningJob(folder, start, fail);
	await jobWhen((state) => state === 'running');
	await job.end('The disk is full.');
	expect(await listJobs(folder)).toMatchObject([{ state: 'failed', error: 'The disk is full.' }]);
});

it('a job whose process ended is not running for ever', async () => {
	const job = new RunningJob(folder, start, fail);
	await jobWhen((state) => state === 'running');
	expect(await listJobs(folder, Date.now() + 60_000)).toMatchObject([{ state: 'stopped' }]);
	await job.end();
});

it('two jobs are listed, the newest first, and foreign or damaged files do no harm', async () => {
	const jobs = ['one', 'two'].map((subject) => new RunningJob(folder, { ...start, subject }, fail));
	for (;;) {
		if ((await listJobs(folder)).length === 2) break;
		await wait(50);
	}
	const [file = ''] = readdirSync(path.join(folder, 'jobs'));
	writeFileSync(path.join(folder, 'jobs', 'notes.json'), '{}');
	writeFileSync(path.join(folder, 'jobs', file), '{"half');
	expect(await listJobs(folder)).toHaveLength(1);
	await Promise.all(jobs.map(async (job) => await job.end()));
});

it('keeps a report for this user alone, lists it and gives its page', async () => {
	const id = await keepReport(folder, {
		title: 'Tuning of kb',
		task: 'Tune',
		node: 'Index',
		html: '<p>9</p>',
	});
	expect(await listReports(folder)).toMatchObject([{ id, title: 'Tuning of kb', task: 'Tune' }]);
	expect(await readReport(folder, id ?? '')).toBe('<p>9</p>');
	if (process.platform !== 'win32')
		expect(statSync(path.join(folder, 'reports', `${id}.html`)).mode & 0o077).toBe(0);
});

it.each(['../jobs/x', '..%2f', '', '20260101T000000-zzzzzzzzzzzz', '20260101T000000-0123456789ab/../x'])(
	'an ID from outside (%j) leads nowhere',
	async (id) => expect(await readReport(folder, id)).toBeUndefined(),
);

it('keeps the newest hundred reports', async () => {
	const ids: Array<string | undefined> = [];
	for (let i = 0; i < 101; i++)
		ids.push(await keepReport(folder, { title: String(i), task: 'Tune', node: 'n', html: String(i) }));
	const listed = await listReports(folder);
	expect(listed).toHaveLength(100);
	expect(readdirSync(path.join(folder, 'reports')).filter((name) => name.endsWith('.html'))).toHaveLength(
		100,
	);
});

it('knows where reports are served, as long as somebody does', async () => {
	expect(await reportsAddress(folder)).toBeUndefined();
	await rememberAddress(folder, 'workflow node', 'https://n8n.example.org/webhook/reports');
	expect(await reportsAddress(folder)).toBe('https://n8n.example.org/webhook/reports');
	await forgetAddress(folder, 'workflow node');
	expect(await reportsAddress(folder)).toBeUndefined();
});

it('the page escapes what comes from outside, refreshes faster while something runs, and runs no script', () => {
	const job = {
		...{ id: 'a', task: 'Sync Documents', subject: '<img src=x>', node: 'n', unit: 'documents' },
		...{
			state: 'running' as const,
			done: 1200,
			share: 0.25,
			total: 4800,
			chunks: 9000,
			perSecond: 20,
			chunksPerSecond: 150,
		},
		...{ secondsLeft: 180, startedAt: '', updatedAt: '2026-01-01T00:00:00.000Z' },
	};
	const page = overviewPage(
		[job],
		[{ id: 'r', title: '"><script>', task: 'Tune', node: 'n', createdAt: '' }],
		(id) => `?report=${id}`,
	);
	expect(page).toContain('content="2"');
	expect(page).toContain('1,200 of 4,800 documents, 9,000 chunks');
	expect(page).toContain('150 chunks per second');
	expect(page).toContain('3 min');
	expect(page).toContain('width:25%');
	expect(page).toContain('href="?report=r"');
	expect(page).not.toMatch(/<img|<script/);
	expect(overviewPage([{ ...job, state: 'failed', error: 'No <b>disk</b>' }], [], String)).toContain(
		'failed: No &lt;b&gt;disk&lt;/b&gt;',
	);
});
