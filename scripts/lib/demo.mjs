// The demo's home: owner, templates and samples in a running n8n. Everything here may run again without harm.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot, readJson } from './paths.mjs';
import { Problem } from './problem.mjs';

const ownerFile = (home) => path.join(home, 'owner.json');

/** Signs in with the login kept beside the data; on a fresh n8n, makes it first. */
export async function signIn(client, home) {
	const known = existsSync(ownerFile(home)) ? readJson(ownerFile(home)) : undefined;
	const owner = known ?? {
		email: 'owner@local-engine.example',
		firstName: 'Local',
		lastName: 'Engine',
		// n8n asks for a capital letter and a digit
		password: `Le1-${randomBytes(12).toString('base64url')}`,
	};
	if (!known) {
		writeFileSync(ownerFile(home), JSON.stringify(owner), { mode: 0o600 });
		chmodSync(ownerFile(home), 0o600);
	}
	const { userManagement } = await client.rest('GET', '/settings');
	if (userManagement.showSetupOnFirstLoad) await client.signUp(owner);
	try {
		await client.signIn(owner);
	} catch (error) {
		if (!/answered 401/.test(error.message)) throw error;
		throw new Problem(
			`n8n does not take the login in ${path.relative(inRoot(), ownerFile(home))}: put the changed password there, or delete ${path.relative(inRoot(), home)} to start over.`,
		);
	}
	return owner;
}

/** What answers at an address and asks for no credential of yours; schedules you switch on yourself. */
const publishedAtOnce = ({ meta, nodes }) =>
	meta?.templateCredsSetupCompleted === true && nodes.some(({ type }) => type === 'n8n-nodes-base.webhook');

/**
 * Imports each template that is not there yet, and publishes those that can do something at once. What you changed in the
 * editor stays as it is. `waiting` is false for the published ones.
 */
export async function addTemplates(client) {
	const there = new Map((await client.workflows()).map((workflow) => [workflow.id, workflow]));
	const templates = readdirSync(inRoot('workflows'))
		.filter((name) => name.endsWith('.json'))
		.map((name) => readJson(inRoot('workflows', name)));
	const added = [];
	for (const template of templates) {
		const known = there.get(template.id);
		const workflow = known ?? (await client.importWorkflow(template));
		if (known?.active) await client.published(template.id);
		else if (!known && publishedAtOnce(template)) await client.publish(workflow);
		added.push({ name: template.name, waiting: known ? !known.active : !publishedAtOnce(template) });
	}
	return added;
}

/** The documents `npm start` ingests: the samples, and this project's own pages. */
export function sampleDocuments() {
	return ['workflows/samples', 'docs'].flatMap((folder) =>
		readdirSync(inRoot(folder))
			.filter((name) => name.endsWith('.md') && !(folder === 'workflows/samples' && name === 'README.md'))
			.map((name) => ({
				source: folder === 'docs' ? `docs/${name}` : name,
				text: readFileSync(inRoot(folder, name), 'utf8'),
			})),
	);
}

/** Calls a webhook of the templates and explains when it does not answer well. */
export async function callTemplate(client, webhook, body) {
	const answer = await client.webhook(webhook, body);
	if (answer.status === 404 && /not registered/.test(answer.text)) {
		throw new Problem(
			`The workflow behind /webhook/${webhook} is not published (any more): publish it in the editor, or delete it there and run npm start again.`,
		);
	}
	if (answer.status !== 200 || answer.json === undefined) {
		throw new Problem(`/webhook/${webhook} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
	}
	return answer.json;
}
