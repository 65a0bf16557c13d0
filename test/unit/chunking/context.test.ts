import {
	addContext,
	type Chunk,
	chunkSync,
	type Complete,
	type ContextOptions,
	type ContextReport,
	type ContextRequest,
	type ContextServices,
} from '../../../lib/chunking';

const section = (n: number): string => `## Part ${n}\n\n${`Sentence of part ${n}. `.repeat(12)}\n\n`;
const SOURCE = `# Handbook\n\n${Array.from({ length: 30 }, (_, i) => section(i)).join('')}`;
const CHUNKS = [...chunkSync(SOURCE, { method: 'markdown', size: 200 })];

async function run(
	options: ContextOptions,
	services: ContextServices = {},
	chunks: Iterable<Chunk> = CHUNKS,
	source = SOURCE,
): Promise<{ chunks: Chunk[]; report: ContextReport }> {
	const found: Chunk[] = [];
	const stream = addContext(chunks, source, options, services);
	for (;;) {
		const next = await stream.next();
		if (next.done) return { chunks: found, report: next.value };
		found.push(next.value);
	}
}

/** An engine that answers each passage with its first words, keeps what it was asked, and fails where it is told to. */
function scripted(fails: (n: number) => boolean = () => false) {
	const requests: ContextRequest[] = [];
	let busy = 0;
	const seen = { most: 0 };
	const complete: Complete = async (request) => {
		const n = requests.push(request);
		seen.most = Math.max(seen.most, ++busy);
		await new Promise((resolve) => setTimeout(resolve, n % 3));
		busy--;
		if (fails(n)) throw new Error(`overloaded (${n})`);
		return `<think>hm</think>\n About:   ${/<passage>\n(.{0,20})/s.exec(request.user)?.[1]?.trim() ?? 'the document'} `;
	};
	return { complete, requests, seen };
}

const bare = ({ text, start, end, index, kind }: Chunk): unknown => ({ text, start, end, index, kind });

describe('Headings as context', () => {
	test('are the path of the chunk; text and offsets stay', async () => {
		const { chunks, report } = await run({ kind: 'headings' });
		expect(chunks.map(bare)).toEqual(CHUNKS.map(bare));
		expect(chunks[1]?.context).toBe('Handbook > Part 0');
		expect(chunks.at(-1)?.context).toBe('Handbook > Part 29');
		expect(report).toEqual({ chunks: CHUNKS.length, calls: 0, failed: 0 });
	});

	test('are found for methods that do not look at structure', async () => {
		const fixed = [...chunkSync(SOURCE, { method: 'fixed', size: 300, overlap: 50 })];
		const { chunks } = await run({ kind: 'headings' }, {}, fixed);
		for (const piece of chunks) {
			const above = [...SOURCE.slice(0, piece.start).matchAll(/^## (.*)$/gm)].at(-1)?.[1];
			const opening = /^\s*(?:# Handbook\s+)?## (.*)/.exec(piece.text)?.[1];
			expect(piece.context).toBe(['Handbook', opening ?? above].filter(Boolean).join(' > '));
		}
	});

	test('are absent where there are none', async () => {
		const { chunks } = await run(
			{ kind: 'headings' },
			{},
			chunkSync('plain', { method: 'fixed', size: 9 }),
			'plain',
		);
		expect(chunks[0]).not.toHaveProperty('context');
	});
});

describe('Title and summary as context', () => {
	test('come from the document and the options', async () => {
		const { chunks } = await run({ kind: 'title', summary: 'Rules of the house.' });
		expect(chunks[4]?.context).toBe('Handbook\nRules of the house.\nPart 2');
		const front = '---\ntitle: "Leave"\n---\ntext';
		expect(
			(await run({ kind: 'title' }, {}, chunkSync(front, { method: 'markdown', size: 90 }), front)).chunks[1]
				?.context,
		).toBe('Leave');
	});

	test('a model writes the summary in one call; if that fails every chunk says so', async () => {
		const { complete, requests } = scripted();
		const { report } = await run({ kind: 'title' }, { complete });
		expect(requests).toHaveLength(1);
		expect(report).toMatchObject({ calls: 1, failed: 0 });
		const broken = await run({ kind: 'title' }, { complete: scripted(() => true).complete });
		expect(broken.report).toMatchObject({ calls: 1, failed: CHUNKS.length, firstFailure: 'overloaded (1)' });
		expect(broken.chunks[2]).toMatchObject({ flags: ['contextFailed'], context: 'Handbook\nPart 1' });
	});
});

describe('Context by a model', () => {
	test('takes one call a chunk with an identical prefix, the first of them alone, and keeps order', async () => {
		const { complete, requests, seen } = scripted();
		const { chunks, report } = await run({ kind: 'model', concurrency: 3 }, { complete });
		expect(requests).toHaveLength(CHUNKS.length);
		expect(new Set(requests.map(({ system }) => system)).size).toBe(1);
		expect(requests[0]?.system).toContain(SOURCE);
		expect(chunks.map(bare)).toEqual(CHUNKS.map(bare));
		chunks.forEach((piece) =>
			expect(piece.context).toBe(`About: ${piece.text.slice(0, 20).trim().replace(/\s+/g, ' ')}`),
		);
		expect(seen.most).toBe(3);
		expect(report).toEqual({ chunks: CHUNKS.length, calls: CHUNKS.length, failed: 0 });
	});

	test('the first call of a prefix is over before the second starts', async () => {
		const order: string[] = [];
		const complete: Complete = async ({ user }) => {
			order.push(`start ${user.length}`);
			await new Promise((resolve) => setTimeout(resolve, 5));
			order.push('end');
			return 'x';
		};
		await run({ kind: 'model', concurrency: 4 }, { complete }, CHUNKS.slice(0, 4));
		expect(order[1]).toBe('end');
		expect(order.slice(2, 5).every((entry) => entry.startsWith('start'))).toBe(true);
	});

	test('shows windows of a long document, the same one to neighbours, each holding the chunk', async () => {
		const { complete, requests } = scripted();
		await run({ kind: 'model', windowCharacters: 2000 }, { complete });
		const windows = new Set(requests.map(({ system }) => system));
		expect(windows.size).toBeGreaterThan(3);
		expect(windows.size).toBeLessThanOrEqual(Math.ceil(SOURCE.length / 1000));
		requests.forEach(({ system }, i) => {
			expect(system.length).toBeLessThan(2300);
			expect(system).toContain(CHUNKS[i]?.text);
		});
	});

	test('when 1 % of the calls fail all chunks are there, the failed ones flagged and counted', async () => {
		const many = Array.from({ length: 10 }, () => CHUNKS).flat();
		const { complete, requests } = scripted((n) => n % 100 === 0);
		const { chunks, report } = await run({ kind: 'model' }, { complete }, many);
		const failed = Math.floor(many.length / 100);
		expect(failed).toBeGreaterThan(1);
		expect(requests).toHaveLength(many.length);
		expect(chunks.map(bare)).toEqual(many.map(bare));
		expect(chunks.filter(({ flags }) => flags?.includes('contextFailed'))).toHaveLength(failed);
		expect(chunks.filter(({ context }) => context === undefined)).toHaveLength(failed);
		expect(report).toMatchObject({ calls: many.length, failed, firstFailure: 'overloaded (100)' });
	});

	test('a model that is down is not asked for every chunk', async () => {
		const { complete, requests } = scripted(() => true);
		const { chunks, report } = await run({ kind: 'model', concurrency: 2 }, { complete });
		expect(requests.length).toBeLessThan(12);
		expect(chunks).toHaveLength(CHUNKS.length);
		expect(report.failed).toBe(CHUNKS.length);
	});

	test('an empty answer is a failure, an endless one is cut', async () => {
		const { chunks, report } = await run(
			{ kind: 'model' },
			{ complete: () => Promise.resolve('<think>only this') },
			CHUNKS.slice(0, 2),
		);
		expect(report).toMatchObject({ failed: 2, firstFailure: 'The model answered with nothing.' });
		expect(chunks).toHaveLength(2);
		const endless = await run(
			{ kind: 'model', maxTokens: 10 },
			{ complete: () => Promise.resolve('word '.repeat(500)) },
			CHUNKS.slice(0, 1),
		);
		expect(endless.chunks[0]?.context?.length).toBeLessThanOrEqual(80);
	});

	test('a consumer that stops stops the calls', async () => {
		const { complete, requests } = scripted();
		for await (const piece of addContext(CHUNKS, SOURCE, { kind: 'model', concurrency: 2 }, { complete }))
			if (piece.index === 3) break;
		const asked = requests.length;
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(requests.length).toBeLessThan(8);
		expect(requests).toHaveLength(asked);
	});

	test('a cancelled call ends with a cancellation', async () => {
		const abort = new AbortController();
		const complete: Complete = (_, { signal }) => {
			abort.abort();
			return signal?.aborted ? Promise.reject(new Error('aborted')) : Promise.resolve('x');
		};
		await expect(run({ kind: 'model' }, { complete, signal: abort.signal })).rejects.toMatchObject({
			kind: 'cancelled',
		});
	});

	test.each([
		[{ kind: 'model' }, 'missingService'],
		[{ kind: 'poem' }, 'invalidOptions'],
		[{ kind: 'headings', concurrency: 0 }, 'invalidOptions'],
	])('%j is refused', async (options, kind) => {
		const stream: unknown = Reflect.apply(addContext, undefined, [CHUNKS, SOURCE, options]);
		if (!(stream instanceof Object) || !('next' in stream) || typeof stream.next !== 'function')
			throw new Error('no stream');
		await expect(Reflect.apply(stream.next, stream, [])).rejects.toMatchObject({ kind });
	});
});
