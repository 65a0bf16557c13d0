// What `npm start` does with templates that an earlier start has left in n8n.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addTemplates, templateOrder } from '../../../scripts/lib/templates.mjs';

interface Stored {
	id: string;
	name: string;
	active: boolean;
	nodes: unknown[];
	tags?: string[];
}

/** As much of n8n as templates need: it keeps workflows and tags, and remembers what was asked of it. */
class Shelf {
	readonly stored = new Map<string, Stored>();
	readonly tags: Array<{ id: string; name: string }> = [];
	readonly calls: string[] = [];

	async workflows() {
		return [...this.stored.values()];
	}
	async workflow(id: string) {
		return structuredClone(this.stored.get(id));
	}
	async importWorkflow(workflow: Stored) {
		this.calls.push(`import ${workflow.id}`);
		this.stored.set(workflow.id, { ...structuredClone(workflow), active: false });
	}
	async changeWorkflow(id: string, workflow: Stored) {
		this.calls.push(`change ${id}`);
		const active = this.stored.get(id)?.active ?? false;
		this.stored.set(id, { ...structuredClone(workflow), id, active });
	}
	async publish({ id }: Stored) {
		this.calls.push(`publish ${id}`);
		const stored = this.stored.get(id);
		if (stored) stored.active = true;
	}
	async published() {
		return undefined;
	}
	async rest(method: string, _path: string, tag?: { name: string }) {
		if (method === 'GET') return this.tags;
		const made = { id: `tag-${this.tags.length}`, name: tag?.name ?? '' };
		this.tags.push(made);
		return made;
	}
}

let home: string;
let n8n: Shelf;
const start = async () => {
	n8n.calls.length = 0;
	return (await addTemplates(n8n, home)) as Array<{ id: string; state: string; published: boolean }>;
};
const stateOf = (results: Awaited<ReturnType<typeof start>>, id: string) =>
	results.find((each) => each.id === id)?.state;
/** As if the templates of this version were newer than those that were imported. */
const pretendOlder = (id: string) => {
	const file = path.join(home, 'templates.json');
	const record = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { file: string; stored: string }>;
	const entry = record[id];
	if (!entry) throw new Error(`There is no record of ${id}`);
	writeFileSync(file, JSON.stringify({ ...record, [id]: { ...entry, file: 'another version' } }));
};

beforeEach(() => {
	home = mkdtempSync(path.join(tmpdir(), 'local-engine-start-'));
	n8n = new Shelf();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('the first start imports all of them, "Start here" last, so that n8n lists it first', async () => {
	const results = await start();
	expect(results[0]).toEqual({ id: 'startHere', name: 'Start here', state: 'added', published: true });
	expect(results).toHaveLength(templateOrder().length);
	expect(n8n.calls.slice(-2)).toEqual(['import startHere', 'publish startHere']);
	expect(n8n.tags.map(({ name }) => name)).toContain('1 Start');
	expect(n8n.stored.get('startHere')?.tags).toEqual([n8n.tags.find(({ name }) => name === '1 Start')?.id]);
});

it('a second start changes nothing', async () => {
	await start();
	const results = await start();
	expect(new Set(results.map(({ state }) => state))).toEqual(new Set(['same']));
	expect(n8n.calls).toEqual([]);
});

it('a newer version replaces one that nobody has changed, and stays published', async () => {
	await start();
	pretendOlder('startHere');
	expect(stateOf(await start(), 'startHere')).toBe('renewed');
	expect(n8n.calls).toEqual(['change startHere', 'publish startHere']);
	expect(stateOf(await start(), 'startHere')).toBe('same');
});

it('what was changed in the editor is kept, and so is what is there without a record', async () => {
	await start();
	n8n.stored.get('knowledgeBaseAsk')?.nodes.push({ name: 'Mine' });
	pretendOlder('knowledgeBaseAsk');
	const results = await start();
	expect(stateOf(results, 'knowledgeBaseAsk')).toBe('kept');
	expect(n8n.calls).toEqual([]);
	rmSync(path.join(home, 'templates.json'));
	expect(new Set((await start()).map(({ state }) => state))).toEqual(new Set(['kept']));
	expect(n8n.calls).toEqual([]);
});
