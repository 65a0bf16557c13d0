// The templates of workflows/ in a running n8n. Everything here may run again without harm.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot, readJson, sha256 } from './paths.mjs';

/** How long n8n may take to publish a workflow; a slow machine needs minutes where a fast one needs a second. */
const PUBLISH_MS = 30 * 60_000;

/** Names of the templates (without .json) in the order of the list in workflows/README.md. */
export function templateOrder() {
	const list = readFileSync(inRoot('workflows', 'README.md'), 'utf8');
	return [...new Set([...list.matchAll(/\(([a-z0-9-]+)\.json\)/g)].map(([, name]) => name))];
}

/** What can be used at once at an address and asks for no credential of yours; schedules you switch on yourself. */
const isPublishedAtOnce = ({ meta, nodes }) =>
	meta?.templateCredsSetupCompleted === true &&
	nodes.some(({ type }) => type === 'n8n-nodes-base.webhook' || type === 'n8n-nodes-base.formTrigger');

/** Which version of each template was imported, and what n8n made of it: two templates of equal content have equal values. */
const recordFile = (home) => path.join(home, 'templates.json');
const contentOf = ({ nodes, connections, settings, pinData }) =>
	sha256(JSON.stringify([nodes, connections, settings, pinData]));

/**
 * Imports each template that is not there yet, replaces those that have a newer version and were not changed in the editor,
 * and publishes those that can be used at once. The first template is written last, so that n8n's list shows it first.
 * @returns {Promise<Array<{ id: string, name: string, state: 'same' | 'added' | 'renewed' | 'kept', published: boolean }>>}
 * `kept`: there is a newer version, but yours was changed in the editor (or is from a start that kept no record).
 */
export async function addTemplates(client, home) {
	const there = new Map((await client.workflows()).map((workflow) => [workflow.id, workflow]));
	const record = existsSync(recordFile(home)) ? readJson(recordFile(home)) : {};
	const tagId = await tagIds(client);
	const results = [];
	for (const name of templateOrder().reverse()) {
		const template = readJson(inRoot('workflows', `${name}.json`));
		const file = contentOf(template);
		const body = { ...template, tags: await Promise.all((template.tags ?? []).map(tagId)) };
		const known = there.get(template.id);
		const state = known ? await stateOf(client, template.id, file, record[template.id]) : 'added';
		const publish = state === 'added' ? isPublishedAtOnce(template) : (known?.active ?? false);
		if (state === 'added') await client.importWorkflow(body);
		if (state === 'renewed') await client.changeWorkflow(template.id, body);
		if (state === 'added' || state === 'renewed') {
			const stored = await client.workflow(template.id);
			if (publish) await client.publish(stored, PUBLISH_MS);
			record[template.id] = { file, stored: contentOf(stored) };
			writeFileSync(recordFile(home), JSON.stringify(record, null, '\t'));
		} else if (publish) await client.published(template.id, PUBLISH_MS);
		results.unshift({ id: template.id, name: template.name, state, published: publish });
	}
	return results;
}

async function stateOf(client, id, file, recorded) {
	if (recorded?.file === file) return 'same';
	return recorded?.stored === contentOf(await client.workflow(id)) ? 'renewed' : 'kept';
}

/** Returns a function that gives the id of a template's tag, and makes the tag where there is none. */
async function tagIds(client) {
	const ids = new Map((await client.rest('GET', '/tags')).map(({ id, name }) => [name, id]));
	return async ({ name }) => {
		if (!ids.has(name)) ids.set(name, (await client.rest('POST', '/tags', { name })).id);
		return ids.get(name);
	};
}
