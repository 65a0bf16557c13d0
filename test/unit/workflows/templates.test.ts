import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { INodeProperties, INodeTypeDescription } from 'n8n-workflow';

const root = path.join(__dirname, '..', '..', '..');
const read = (...parts: string[]): string => readFileSync(path.join(root, ...parts), 'utf8');

interface TemplateNode {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly position: readonly [number, number];
	readonly parameters: Readonly<Record<string, unknown>>;
	readonly credentials?: object;
	readonly onError?: string;
	readonly webhookId?: string;
}

interface Template {
	readonly id: string;
	readonly name: string;
	readonly nodes: readonly TemplateNode[];
	readonly connections: Readonly<
		Record<string, Record<string, ReadonlyArray<ReadonlyArray<{ node: string; type: string }>>>>
	>;
	readonly pinData: Readonly<Record<string, readonly unknown[]>>;
	readonly active: boolean;
	readonly tags: ReadonlyArray<{ readonly name: string }>;
}

const templates = readdirSync(path.join(root, 'workflows'))
	.filter((file) => file.endsWith('.json'))
	.map((file) => ({
		file: file.slice(0, -'.json'.length),
		template: JSON.parse(read('workflows', file)) as Template,
	}));

const prefix = 'n8n-nodes-local-engine.';
const stickyNote = 'n8n-nodes-base.stickyNote';
const mcpServer = '@n8n/n8n-nodes-langchain.mcpTrigger';
/** Of n8n itself; that they exist in the n8n we run is what the integration tests show. */
const ofN8n = new Set([
	stickyNote,
	mcpServer,
	...['if', 'switch', 'set', 'splitOut', 'webhook', 'respondToWebhook'].map(
		(name) => `n8n-nodes-base.${name}`,
	),
	...['emailReadImap', 'dataTable', 'code', 'httpRequest', 's3', 'nextCloud', 'googleDrive'].map(
		(name) => `n8n-nodes-base.${name}`,
	),
	...['form', 'formTrigger', 'manualTrigger', 'scheduleTrigger', 'readWriteFile'].map(
		(name) => `n8n-nodes-base.${name}`,
	),
	...['agent', 'chatTrigger', 'memoryBufferWindow'].map((name) => `@n8n/n8n-nodes-langchain.${name}`),
]);
/** It is used in its form and its chat, from the first click on; nothing is pinned. */
const begin = 'start-here';
const triggers =
	/\.(webhook|formTrigger|manualTrigger|scheduleTrigger|emailReadImap|chatTrigger|mcpTrigger|engineGateway)$/;

/** Descriptions of the package's nodes, by type. */
const ours = new Map<string, INodeTypeDescription>(
	(JSON.parse(read('package.json')) as { n8n: { nodes: string[] } }).n8n.nodes.map((file) => {
		const name = path.basename(file, '.node.js');
		const module = jest.requireActual<Record<string, new () => { description: INodeTypeDescription }>>(
			path.join(root, 'nodes', name, `${name}.node.ts`),
		);
		const Node = module[name];
		if (!Node) throw new Error(`${file} exports no ${name}`);
		const { description } = new Node();
		return [`${prefix}${description.name}`, description] as const;
	}),
);

const targetsOf = (template: Template, from: string) =>
	Object.values(template.connections[from] ?? {}).flat(2);

it('there are the templates that the gallery promises', () => {
	expect(templates.length).toBeGreaterThanOrEqual(16);
});

it('each is in the list of README once, "Start here" first, with its tag', () => {
	const groups = read('workflows', 'README.md').split(/^## /m);
	const listed = groups.flatMap((group) =>
		[...group.matchAll(/\(([a-z\d-]+)\.json\)/g)].map(([, file]) => ({ file, group: group.split('\n')[0] })),
	);
	expect(listed[0]?.file).toBe(begin);
	expect(listed.map(({ file }) => file).sort()).toEqual(templates.map(({ file }) => file).sort());
	for (const { file, template } of templates) {
		const group = listed.find((entry) => entry.file === file)?.group;
		expect(template.tags).toEqual([{ name: expect.stringMatching(new RegExp(`^\\d ${group}$`)) }]);
	}
});

it('no two share an id, an address or a webhook', () => {
	const all = templates.flatMap(({ template }) => template.nodes);
	const addresses = all.flatMap(({ type, parameters: { path: at, httpMethod } }) =>
		typeof at === 'string'
			? [type === mcpServer ? `mcp/${at}` : `${typeof httpMethod === 'string' ? httpMethod : 'POST'} ${at}`]
			: [],
	);
	const webhookIds = all.flatMap(({ webhookId }) => webhookId ?? []);
	for (const list of [templates.map(({ template }) => template.id), addresses, webhookIds])
		expect([...list].sort()).toEqual([...new Set(list)].sort());
});

describe.each(templates)('$file', ({ file, template }) => {
	const names = new Set(template.nodes.map(({ name }) => name));
	const flow = template.nodes.filter(({ type }) => type !== stickyNote);

	it('has a note that says what it does, what to change and how to try it', () => {
		const note = template.nodes.find(({ type }) => type === stickyNote)?.parameters.content;
		expect(note).toEqual(
			expect.stringMatching(
				file === begin
					? /^## .+\n.{80,}\n\n\*\*1\. Upload\*\*\n.+\n\n\*\*2\. Ask\*\*\n.+/
					: /^## .+\n.{80,}\n\n\*\*What to change\*\*\n- [\s\S]+\*\*How to try it\*\*\n.+/,
			),
		);
		expect(note).toContain(`## ${template.name}\n`);
	});

	it('is wired: every connection has two ends, every node is reached, every error goes somewhere', () => {
		expect(names.size).toBe(template.nodes.length);
		for (const from of Object.keys(template.connections)) {
			expect(names).toContain(from);
			for (const { node } of targetsOf(template, from)) expect(names).toContain(node);
		}
		const reached = new Set(
			Object.keys(template.connections).flatMap((from) => targetsOf(template, from).map(({ node }) => node)),
		);
		for (const { name, type } of flow) {
			const feeds = Object.keys(template.connections[name] ?? {}).some((kind) => kind !== 'main');
			expect([name, triggers.test(type) || feeds || reached.has(name)]).toEqual([name, true]);
		}
		for (const { name, onError } of flow.filter((node) => node.onError === 'continueErrorOutput'))
			expect([name, onError, template.connections[name]?.main?.[1]?.length ?? 0]).toEqual([name, onError, 1]);
	});

	it('is made of known nodes and of fields that they have', () => {
		for (const { name, type, parameters } of flow) {
			if (!type.startsWith(prefix)) {
				expect(ofN8n).toContain(type);
				continue;
			}
			const properties = ours.get(type)?.properties;
			expect([type, properties === undefined]).toEqual([type, false]);
			for (const [field, value] of Object.entries(parameters)) {
				const fields = (properties ?? []).filter((property) => property.name === field);
				expect([name, field, fields.length > 0]).toEqual([name, field, true]);
				expectKnown(`${name}: ${field}`, fields, value);
			}
		}
	});

	it('runs at one click, holds nobody’s credential, and is not active', () => {
		for (const { type, name } of flow.filter((node) => triggers.test(node.type) && node.type !== mcpServer)) {
			// What is pinned on a chat would be answered in place of what somebody types.
			const waits = !/\.(manualTrigger|scheduleTrigger|chatTrigger)$/.test(type) && file !== begin;
			expect([name, (template.pinData[name]?.length ?? 0) > 0]).toEqual([name, waits]);
		}
		for (const pinned of Object.keys(template.pinData)) expect(names).toContain(pinned);
		expect(flow.filter(({ credentials }) => credentials)).toEqual([]);
		expect(template.active).toBe(false);
	});

	it('lets no other web page send JSON to a webhook or read its answer', () => {
		for (const { name, parameters } of flow.filter(({ type }) => type === 'n8n-nodes-base.webhook')) {
			const { allowedOrigins } = (parameters.options ?? {}) as { allowedOrigins?: string };
			expect([name, allowedOrigins]).toEqual([name, 'http://localhost:5678']);
		}
	});

	it('reads what a webhook was sent first in a node that checks it, and takes index names from a list', () => {
		for (const { name } of flow.filter(({ type }) => type === 'n8n-nodes-base.webhook'))
			for (const { node } of targetsOf(template, name))
				expect(flow.find((each) => each.name === node)?.type).toContain(prefix);
		for (const { name, parameters } of flow) {
			const { indexNameField, allowedIndexes } = (parameters.options ?? {}) as Record<string, unknown>;
			if (indexNameField !== undefined)
				expect([name, allowedIndexes]).toEqual([name, expect.stringMatching(/^[a-z]/)]);
			// The name itself is typed in, never an expression.
			const index = parameters.index as { value?: unknown } | undefined;
			expect([name, index?.value ?? 'a']).toEqual([name, expect.stringMatching(/^[^=]/)]);
		}
	});

	it('has a page, and its place in the index', () => {
		const page = read('docs', 'templates', `${file}.md`);
		expect(page).toContain(`../../workflows/${file}.json`);
		for (const [, linked = ''] of page.matchAll(/\]\((\.\.[^)#]+)\)/g))
			expect([linked, existsSync(path.join(root, 'docs', 'templates', linked))]).toEqual([linked, true]);
		expect(read('workflows', 'README.md')).toContain(`../docs/templates/${file}.md`);
	});

	it('has a small picture, shown on its page and in the index', () => {
		const picture = path.join('docs', 'screenshots', 'templates', `${file}.png`);
		expect(statSync(path.join(root, picture)).size).toBeLessThan(150_000);
		expect(read('docs', 'templates', `${file}.md`)).toContain(`../screenshots/templates/${file}.png`);
		expect(read('workflows', 'README.md')).toContain(`../${picture}`);
	});
});

/** Options and choices that the field does not have would be lost without a word when the template is opened. */
function expectKnown(where: string, fields: readonly INodeProperties[], value: unknown): void {
	const inside = fields.flatMap(
		({ options }) => (options ?? []) as ReadonlyArray<INodeProperties & { value?: unknown }>,
	);
	const types = new Set(fields.map(({ type }) => type));
	if (types.has('options') && typeof value === 'string' && !value.startsWith('=') && inside.length > 0)
		expect([where, value, inside.map((option) => option.value)]).toEqual([
			where,
			value,
			expect.arrayContaining([value]),
		]);
	if (types.has('collection') && typeof value === 'object' && value !== null)
		for (const key of Object.keys(value))
			expect([where, key, inside.some((option) => option.name === key)]).toEqual([where, key, true]);
}
