// What `npm start` does in a running n8n: owner, samples, questions. Everything here may run again without harm.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot, readJson } from './paths.mjs';
import { Problem } from './problem.mjs';
import { timeLeft, withProgress } from './progress.mjs';
import { sampleUpload } from '../../host/samples.cjs';

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
			`n8n does not accept the login in ${path.relative(inRoot(), ownerFile(home))}. Write the changed password into that file, or delete the folder ${path.relative(inRoot(), home)} to start from the beginning.`,
		);
	}
	return owner;
}

/** A webhook call that waits as long as it takes: how fast this machine is, is not known. */
async function callTemplate(client, webhook, body) {
	const answer = await client.webhook(webhook, body, { signal: null });
	if (answer.status === 404 && /not registered/.test(answer.text)) {
		throw new Problem(
			`The workflow behind /webhook/${webhook} is not published any more. Publish it in the editor, or delete it there, and run npm start again.`,
		);
	}
	if (answer.status !== 200 || answer.json === undefined) {
		throw new Problem(
			`/webhook/${webhook} answered ${answer.status}: ${answer.text.slice(0, 500)} Run npm start again; it continues where it stopped.`,
		);
	}
	return answer.json;
}

/**
 * Stores sample documents, one call each, and prints how far it is. What is stored already costs next to nothing.
 * `before` are the documents of earlier calls, so that the numbers printed go on.
 */
export async function storeSamples(client, files, total, before = { documents: 0, chunks: 0 }) {
	const started = Date.now();
	let { documents, chunks } = before;
	const line = () =>
		`${documents} of ${total} documents, ${chunks} chunks; ${timeLeft(Date.now() - started, documents - before.documents, total - before.documents)}`;
	const work = async () => {
		for (const file of files) {
			const report = await callTemplate(client, 'knowledge-base/documents', sampleUpload(file));
			for (const { source, reason } of report.failed ?? []) console.log(`  ${source}: ${reason}`);
			documents++;
			chunks += report.chunks ?? 0;
		}
	};
	await withProgress(work(), line);
	return { documents, chunks };
}

/** Asks the knowledge base. */
export const ask = async (client, question) => {
	const asking = callTemplate(client, 'knowledge-base/ask', { question });
	return await withProgress(asking, (seconds) => `searching: ${seconds} s`);
};
