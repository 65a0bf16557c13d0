import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type INodeExecutionData, type INodeTypes, Workflow } from 'n8n-workflow';
import { sync } from '../../../../nodes/VectorIndex/actions/documents/sync.operation';
import { list as listOperation } from '../../../../nodes/VectorIndex/actions/index/list.operation';
import { syncRequestOf } from '../../../../nodes/VectorIndex/actions/documents/syncGroup';
import type { ContextOptions } from '../../../support/nodeContext';
import { outputOf, runOf } from '../../../support/operation';

jest.setTimeout(120_000);

let folder = '';
const before = process.env.N8N_USER_FOLDER;
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'sync-'));
	process.env.N8N_USER_FOLDER = folder;
});
afterEach(() => {
	if (before === undefined) delete process.env.N8N_USER_FOLDER;
	else process.env.N8N_USER_FOLDER = before;
	rmSync(folder, { recursive: true, force: true });
});

const parameters = {
	...{ backend: 'embedded', index: { __rl: true, mode: 'name', value: 'docs' } },
	...{ syncMode: 'add', embedding: 'builtinFast', output: 'perDocument', options: {} },
};

/** What the node puts out, without times. */
async function synced(
	items: INodeExecutionData[],
	more: object = {},
	options: ContextOptions = {},
): Promise<unknown[]> {
	const output = await outputOf(sync, { parameters: { ...parameters, ...more }, items, ...options });
	return output.map(({ json, error }) => (error ? { error: error.message } : json));
}

const text = (source: string, words: string): INodeExecutionData => ({ json: { source, text: words } });

/** A workflow as n8n makes it of what is drawn: the nodes behind each output of a node. */
function drawnWorkflow(drawn: Record<string, string[][]>): Workflow {
	const names = new Set([...Object.keys(drawn), ...Object.values(drawn).flat(2)]);
	return new Workflow({
		nodes: [...names].map((name) => ({
			...{ id: name, name, typeVersion: 3, position: [0, 0], parameters: {} },
			type: name === 'Loop' ? 'n8n-nodes-base.splitInBatches' : 'n8n-nodes-base.noOp',
		})),
		connections: Object.fromEntries(
			Object.entries(drawn).map(([name, outputs]) => [
				name,
				{ main: outputs.map((nodes) => nodes.map((node) => ({ node, type: 'main' as const, index: 0 }))) },
			]),
		),
		active: false,
		nodeTypes: { getByName: () => undefined, getByNameAndVersion: () => undefined } as unknown as INodeTypes,
	});
}

describe('Sync Documents', () => {
	it('tells times to what they mean', async () => {
		const [report] = await synced([text('a', 'some words')], { output: 'summary' });
		const { timings } = report as { timings: Record<string, number> };
		expect(Object.keys(timings)).toContain('totalMs');
		for (const ms of Object.values(timings)) expect(String(ms)).toMatch(/^\d+(?:\.\d{1,4})?$/);
	});

	it('stores the others where an item holds no document', async () => {
		const folderEntry = { json: { name: 'Subfolder', mimeType: 'application/vnd.google-apps.folder' } };
		const items = [text('g1', 'good one'), folderEntry, text('g2', 'good two')];
		expect(await synced(items, {}, { continueOnFail: true })).toEqual([
			expect.objectContaining({ source: 'g1', state: 'added' }),
			expect.objectContaining({ error: expect.stringContaining('item 2 has neither') }),
			expect.objectContaining({ source: 'g2', state: 'added' }),
		]);
		expect(
			await synced([...items, { json: { documents: [] } }, { json: { documents: null } }]),
		).toMatchObject([
			{ source: 'g1', state: 'unchanged' },
			{ source: 'item 2', state: 'failed', reason: expect.stringContaining('No document found') },
			{ source: 'g2', state: 'unchanged' },
			{ source: 'documents', state: 'failed', reason: expect.stringContaining('is empty') },
			{ source: 'documents', state: 'failed' },
		]);
	});

	it('deletes nothing when an item that holds no document might have been one of those', async () => {
		await synced([text('g1', 'good one'), text('g2', 'good two')]);
		const output = await synced([text('g1', 'good one'), { json: { source: 'g2' } }], { syncMode: 'mirror' });
		expect(output).toMatchObject([{ source: 'g1', state: 'unchanged' }, { state: 'failed' }]);
		expect(await synced([text('g2', 'good two')])).toMatchObject([{ source: 'g2', state: 'unchanged' }]);
	});

	it('answers for the attachments of a mail beside the mail, before the next item', async () => {
		const lines = [
			...['Subject: Pump', 'From: a@example.com', 'MIME-Version: 1.0'],
			...[
				'Content-Type: multipart/mixed; boundary=b',
				'',
				'--b',
				'Content-Type: text/plain',
				'',
				'It drips.',
			],
			...[
				'--b',
				'Content-Type: text/plain; name=part.txt',
				'Content-Disposition: attachment; filename=part.txt',
			],
			...['', 'Seal AB-12.', '--b--', ''],
		];
		const mail = { json: {}, binary: { data: { data: '', mimeType: 'message/rfc822', fileName: 'a.eml' } } };
		const files = { data: Buffer.from(lines.join('\r\n')) };
		expect(await synced([mail, text('z', 'Other.')], {}, { files })).toMatchObject([
			{ source: 'a.eml', state: 'added' },
			{ source: 'a.eml/part.txt', state: 'added' },
			{ source: 'z', state: 'added' },
		]);
	});

	it('takes a name in either form of Unicode for the same name', async () => {
		const [composed, apart] = ['Größe.txt'.normalize('NFC'), 'Größe.txt'.normalize('NFD')];
		expect(await synced([text(apart, 'size table 44')])).toMatchObject([
			{ source: composed, state: 'added' },
		]);
		expect(await synced([text(composed, 'size table 44')])).toMatchObject([{ state: 'unchanged' }]);
	});

	it('refuses a file that came as base64 text', async () => {
		const data = Buffer.from('Guten Tag, die Pumpe läuft nicht. '.repeat(10)).toString('base64');
		const wrapped = data.replace(/.{76}/g, '$&\r\n');
		expect(
			await synced([
				text('a', data),
				text('b', wrapped),
				text('c', `data:application/pdf;base64,${data}`),
				text('d', 'ABCDefgh1234'.repeat(4)),
			]),
		).toMatchObject([
			{ state: 'failed', reason: expect.stringContaining('base64') },
			{ state: 'failed', reason: expect.stringContaining('base64') },
			{ state: 'failed', reason: expect.stringContaining('base64') },
			{ state: 'added' },
		]);
	});

	it('opens a file when its turn comes, and closes it', async () => {
		const [opened, most] = [new Set<number>(), { count: 0 }];
		async function* stream(at: number): AsyncGenerator<Buffer> {
			opened.add(at);
			most.count = Math.max(most.count, opened.size);
			try {
				yield Buffer.from(`file ${at}`);
			} finally {
				opened.delete(at);
			}
		}
		const items = Array.from({ length: 200 }, (_, at) => ({
			json: {},
			binary: { data: { data: '', id: String(at), mimeType: 'text/plain', fileName: `${at}.txt` } },
		}));
		let asked = 0;
		const run = runOf(sync.fields, {
			...{ parameters, items },
			streamOf: (id) => {
				asked++;
				return stream(Number(id));
			},
		});
		for (let at = 0; at < items.length; at++) await syncRequestOf(run, run.item(at));
		expect(asked).toBe(0);
		const { request } = await syncRequestOf(run, run.item(3));
		const [input] = request.documents;
		const data = input && 'document' in input ? input.document.file?.data : undefined;
		for await (const _ of data as AsyncIterable<Uint8Array>) break;
		expect(most.count).toBe(1);
		expect(opened.size).toBe(0);
	});

	it('previews an index that does not exist without making it', async () => {
		const preview = { options: { preview: true }, syncMode: 'mirror' };
		expect(await synced([text('a', 'one'), text('b', '')], preview)).toMatchObject([
			{ source: 'a', state: 'added' },
			{ state: 'failed' },
		]);
		const list = await outputOf(listOperation, {
			parameters: { backend: 'embedded' },
			items: [{ json: {} }],
		});
		expect(list.map(({ json }) => json.name)).not.toContain('docs');
	});

	it('is told where it stands in a loop that would leave the last batch only', async () => {
		const loop = {
			name: 'Loop Over Items',
			type: 'n8n-nodes-base.splitInBatches',
			typeVersion: 3,
			disabled: false,
		};
		const inLoop = { before: [loop], behind: [loop] };
		await expect(synced([text('a', 'one')], { syncMode: 'mirror' }, inLoop)).rejects.toThrow(
			/"Loop Over Items".*"done".*Keep/,
		);
		expect(await synced([text('a', 'one')], { syncMode: 'mirror' }, { before: [loop] })).toMatchObject([
			{ state: 'added' },
		]);
		expect(await synced([text('b', 'two')], {}, inLoop)).toMatchObject([{ state: 'added' }]);
	});

	it.each([
		['in the body of a loop', { Loop: [[], ['Sync']], Sync: [['Loop']] }, true],
		[
			'some nodes into the body',
			{ Loop: [[], ['Read']], Read: [['Sync']], Sync: [['Wait']], Wait: [['Loop']] },
			true,
		],
		['behind the output "done"', { Loop: [['Sync'], ['Read']], Read: [['Loop']] }, false],
		['before a loop', { Start: [['Sync']], Sync: [['Loop']], Loop: [[], ['Read']], Read: [['Loop']] }, false],
	])('drawn %s, it is told so or not', async (_, drawn: Record<string, string[][]>, isInLoop) => {
		const workflow = drawnWorkflow(drawn);
		const nodesOf = (names: string[]) => names.map((name) => ({ ...workflow.nodes[name]!, disabled: false }));
		const around = {
			before: nodesOf(workflow.getParentNodes('Sync')),
			behind: nodesOf(workflow.getChildNodes('Sync')),
		};
		const run = synced([text('a', 'one')], { syncMode: 'mirror' }, around);
		if (isInLoop) await expect(run).rejects.toThrow(/"Loop".*"done".*Keep/);
		else expect(await run).toMatchObject([{ state: 'added' }]);
	});
});
