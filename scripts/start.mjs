// npm start [-- --port 5678] [-- --data FOLDER]: a real n8n with this pack, its templates and the samples, ready to play with.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { N8nClient } from '../host/client.cjs';
import { startN8n } from '../host/n8n.cjs';
import { installPack, packTarball } from '../host/pack.cjs';
import { tryPort } from '../host/ports.cjs';
import { ensure } from './ensure.mjs';
import { ask, signIn, storeSamples } from './lib/demo.mjs';
import { onNode24 } from './lib/node24.mjs';
import { inRoot } from './lib/paths.mjs';
import { Problem, requireNode, runMain } from './lib/problem.mjs';
import { withProgress } from './lib/progress.mjs';
import { sampleFiles, sampleQuestions } from '../host/samples.cjs';
import { addTemplates } from './lib/templates.mjs';

/** Only to tell a machine that will never get there: a slow one is waited for. */
const START_MS = 60 * 60_000;

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
		`Port ${port} is in use, perhaps by another n8n. Stop that program, or choose another port: npm start -- --port ${port === 5679 ? 5680 : 5679}`,
	);
}

function print(lines) {
	console.log(lines.join('\n'));
}

function printAnswer(question, { answer, citations, call: { engine, timings } }) {
	const place = ({ page, start, end }) =>
		page === undefined ? `characters ${start}–${end}` : `page ${page}`;
	print([
		'',
		`Question   ${question}`,
		`Answer     ${answer}`,
		...citations.map((citation) => `  [${citation.marker}]      ${citation.source}, ${place(citation)}`),
		`Engine     ${engine}${timings?.totalMs === undefined ? '' : `, ${Math.round(timings.totalMs)} ms`}`,
		'',
	]);
}

/** Names of workflows, or a dash. */
const named = (templates) => templates.map(({ name }) => name).join(' · ') || '–';

async function play(n8n, home) {
	const client = new N8nClient(n8n.url);
	const owner = await signIn(client, home);
	console.log('Importing the templates …');
	const templates = await withProgress(
		addTemplates(client, home),
		(seconds) => `importing and publishing: ${seconds} s`,
	);
	const [first, ...files] = sampleFiles();
	const [{ question }, ...questions] = sampleQuestions();
	console.log(`Storing ${files.length + 1} sample documents in the knowledge base …`);
	const stored = await storeSamples(client, [first], files.length + 1);
	printAnswer(question, await ask(client, question));
	const { documents, chunks } = await storeSamples(client, files, files.length + 1, stored);
	print([
		`  ${documents} of ${documents} documents, ${chunks} chunks: all are stored`,
		...keptLines(templates),
		'',
		...(await engineLines()),
		'',
		`Editor     ${n8n.url}`,
		`Login      ${owner.email}`,
		`Password   ${owner.password}`,
		'',
		`Open first ${n8n.url}/workflow/startHere`,
		'           Upload your documents in its form and ask about them in its chat. Questions to try now:',
		...questions.slice(0, 4).map((each) => `             ${each.question}`),
		'',
		`Published  ${named(templates.filter(({ published }) => published))}`,
		`Imported   ${named(templates.filter(({ published }) => !published))}`,
		'           (each has a note that says what it needs; most run with one click)',
		'',
		'From a program:',
		`  curl ${n8n.url}/webhook/knowledge-base/ask -H 'content-type: application/json' \\`,
		`    -d '{ "question": "${questions[1]?.question}" }'`,
		`  curl ${n8n.url}/webhook/knowledge-base/documents -F file=@workflows/samples/faq.md`,
		'',
		'Press Ctrl-C to stop. Everything is kept for the next start.',
	]);
}

/** The engines that answer on this machine, and how to use one. */
async function engineLines() {
	const { findLocalEngines, programOf } = createRequire(import.meta.url)(
		inRoot('dist', 'lib', 'engine', 'index.js'),
	);
	const { found } = await findLocalEngines();
	if (found.length === 0) {
		return [
			'Engines    none found on this machine. The built-in answerer quotes your documents; an engine such as',
			'           Ollama (https://ollama.com) would write the answers.',
		];
	}
	return [
		...found.map(({ dialect, baseUrl, models, needsKey }, at) => {
			const what = needsKey ? 'asks for an API key' : models.slice(0, 3).join(', ') || 'no models yet';
			return `${at === 0 ? 'Engines    ' : '           '}${programOf(dialect)} at ${baseUrl}: ${what}`;
		}),
		`           To let it write the answers: open "Start here", double-click Answer, create a credential with the`,
		`           Base URL ${found[0].baseUrl} and save it.`,
	];
}

function keptLines(templates) {
	const kept = templates.filter(({ state }) => state === 'kept');
	if (kept.length === 0) return [];
	return [
		'',
		`There are newer versions of: ${named(kept)}.`,
		'Yours were kept, because they may have been changed in the editor. To get the new ones, delete yours there and run npm start again.',
	];
}

/** Keeps what n8n wrote beside its data, and returns where, for people. */
function keepLog(home, text) {
	const file = path.join(home, 'n8n.log');
	writeFileSync(file, text);
	return path.relative(process.cwd(), file);
}

/** Whatever went wrong, in one sentence that says what to do. */
function asProblem(error, n8n, home) {
	if (error instanceof Problem) return error;
	const log = keepLog(home, n8n.output());
	const reason = error.cause?.message ?? error.message;
	return new Problem(
		`n8n did not do what was asked: ${reason.replace(/[.\s]*$/, '.')} Run npm start again; it continues where it stopped. What n8n wrote is in ${log}.`,
	);
}

/** n8n did not come up: its reason goes to the log, people get a sentence. */
function startProblem(error, home) {
	const [reason, output = ''] = error.message.split(' Its last words:\n');
	const log = keepLog(home, output);
	return new Problem(
		`${reason} Run npm start again. If that does not help, look into ${log}, or start from the beginning by deleting ${path.relative(process.cwd(), home)}.`,
	);
}

/** Starts n8n with the pack, plays the samples through it, and waits until it is stopped. */
async function run({ port, home, node }) {
	mkdirSync(home, { recursive: true });
	console.log('Installing the nodes into n8n …');
	const { tarball } = await packTarball(inRoot('.cache', 'pack-demo'));
	await withProgress(installPack(home, tarball), (seconds) => `installing: ${seconds} s`);
	console.log('Starting n8n …');
	await requirePort(port);
	const starting = startN8n({ home, port, node, timeoutMs: START_MS });
	let stopping = false;
	let running = null;
	const stop = async () => {
		if (stopping) return;
		stopping = true;
		console.log('\nStopping n8n …');
		// One that is still starting ends with this program.
		await running?.stop();
		process.exit(0);
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
	const n8n = await withProgress(starting, (seconds) => `n8n is starting: ${seconds} s`).catch((error) => {
		throw startProblem(error, home);
	});
	running = n8n;
	try {
		await play(n8n, home);
	} catch (error) {
		if (stopping) return;
		await n8n.stop();
		throw asProblem(error, n8n, home);
	}
	const code = await n8n.exited;
	if (!stopping)
		throw new Problem(
			`n8n ended by itself (code ${code}). Run npm start again; it continues where it stopped. What n8n wrote is in ${keepLog(home, n8n.output())}.`,
		);
}

await runMain(async () => {
	requireNode();
	const { port, home } = options();
	await requirePort(port); // before minutes of installing
	const { node } = await ensure();
	await onNode24(node, () => run({ port, home, node }));
});
