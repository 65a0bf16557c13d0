// npm start [-- --port 5678] [-- --data FOLDER]: a real n8n with this pack, its templates and the samples, ready to play with.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { N8nClient } from '../host/client.cjs';
import { startN8n } from '../host/n8n.cjs';
import { installPack, packTarball } from '../host/pack.cjs';
import { tryPort } from '../host/ports.cjs';
import { ensure } from './ensure.mjs';
import { addTemplates, callTemplate, sampleDocuments, signIn } from './lib/demo.mjs';
import { inRoot } from './lib/paths.mjs';
import { Problem, requireNode, runMain } from './lib/problem.mjs';

const question = 'What was announced about credit card late fees?';

function options() {
	try {
		const { values } = parseArgs({ options: { port: { type: 'string' }, data: { type: 'string' } } });
		const port = Number(values.port ?? process.env.PORT ?? 5678);
		if (!Number.isInteger(port) || port < 1 || port > 65535)
			throw new Error(`${values.port} is not a port number`);
		return { port, home: path.resolve(values.data ?? inRoot('.data', 'demo')) };
	} catch (error) {
		throw new Problem(`${error.message}. Usage: npm start -- [--port 5678] [--data FOLDER]`);
	}
}

async function requirePort(port) {
	if ((await tryPort(port)) !== undefined) return;
	throw new Problem(
		`Port ${port} is in use (another n8n?): stop that program, or choose another port with: npm start -- --port ${port === 5679 ? 5680 : 5679}`,
	);
}

function print(lines) {
	console.log(lines.join('\n'));
}

const named = (templates) => templates.map(({ name }) => name).join(' · ');

async function play(n8n, home) {
	const client = new N8nClient(n8n.url);
	const owner = await signIn(client, home);
	const templates = await addTemplates(client);
	console.log('Ingesting the samples …');
	const report = await callTemplate(client, 'knowledge-base/documents', { documents: sampleDocuments() });
	print([
		`  ${['added', 'changed', 'unchanged'].map((state) => `${report[state]} ${state}`).join(', ')}; ${report.failed?.length ?? 0} failed`,
		...(report.failed ?? []).map(({ source, reason }) => `  ${source}: ${reason}`),
	]);
	const { answer, citations, engine, timings } = await callTemplate(client, 'knowledge-base/ask', {
		question,
	});
	const json = `-H 'content-type: application/json'`;
	print([
		'',
		`Question   ${question}`,
		`Answer     ${answer}`,
		...citations.map(
			({ marker, source, start, end }) => `  [${marker}]      ${source}, characters ${start}–${end}`,
		),
		`Engine     ${engine}${timings?.totalMs === undefined ? '' : `, ${Math.round(timings.totalMs)} ms`}`,
		'',
		`Editor     ${n8n.url}`,
		`Login      ${owner.email}`,
		`Password   ${owner.password}`,
		`Published  ${named(templates.filter(({ waiting }) => !waiting))}`,
		`Imported   ${named(templates.filter(({ waiting }) => waiting))}`,
		'           (open one in the editor: its note says what it needs; most run at one click)',
		'',
		'Go on with:',
		`  curl ${n8n.url}/webhook/knowledge-base/ask ${json} \\`,
		`    -d '{ "question": "How many new jobs were created?" }'`,
		`  curl ${n8n.url}/webhook/knowledge-base/documents ${json} \\`,
		`    -d '{ "documents": [{ "source": "notes.md", "text": "The spare key hangs behind the blue door." }] }'`,
		`  curl ${n8n.url}/webhook/knowledge-base/documents -F file=@README.md`,
		'',
		'Ctrl-C stops everything; the data stays.',
	]);
}

await runMain(async () => {
	requireNode();
	const { port, home } = options();
	await requirePort(port); // before minutes of installing
	const { node } = await ensure();
	mkdirSync(home, { recursive: true });
	await installPack(home, (await packTarball(inRoot('.cache', 'pack-demo'))).tarball);
	console.log('Starting n8n …');
	await requirePort(port);
	const starting = startN8n({ home, port, node });
	let stopping = false;
	const stop = async () => {
		if (stopping) return;
		stopping = true;
		console.log('\nStopping n8n …');
		const n8n = await starting.catch(() => undefined);
		await n8n?.stop();
		process.exit(0);
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
	const n8n = await starting.catch((error) => {
		throw new Problem(error.message);
	});
	try {
		await play(n8n, home);
	} catch (error) {
		await n8n.stop();
		throw error;
	}
	const code = await n8n.exited;
	if (!stopping)
		throw new Problem(`n8n ended by itself (code ${code}). Its last words:\n${n8n.output().slice(-2000)}`);
});
