/**
 * What this pack adds to a webhook call: p50 of the ask template minus p50 of a flow with one Set node and one expression,
 * in the same n8n, calls alternating. Without a credential the built-in tier embeds the question and writes the answer. And what a
 * question costs that nobody asked yet, over passages that nobody asked about: each is asked once, with one encoder process (one core).
 */
import { sampleFiles, sampleQuestions, sampleUpload } from '../host/samples.cjs';
import { median } from './lib/measure.mjs';
import { plainFlow, startBenchHost, template } from './lib/n8nHost.mjs';
import { ownText } from './lib/ownText.mjs';

const LIMIT_MS = 25;
const NEW_QUESTION_MS = 1000;
/** Lockers, each with a page of its own. */
const LOCKERS = 24;
const PAGE_CHARACTERS = 5_000;
const questions = sampleQuestions().map(({ question }) => question);

export async function run({ quick, emit }) {
	const rounds = quick ? 60 : 300;
	const { client, close } = await startBenchHost({ env: { LOCAL_ENGINE_ENCODER_PROCESSES: '1' } });
	try {
		await client.importAndPublish(plainFlow());
		for (const embedding of ['builtinFast', 'builtinMultilingual']) {
			const index = { __rl: true, mode: 'name', value: embedding.toLowerCase() };
			for (const [name, route] of [
				['knowledge-base-ingest', 'documents'],
				['knowledge-base-ask', 'ask'],
			]) {
				const workflow = await template(name, { sync: { index, embedding }, search: { index } });
				workflow.id += embedding;
				const webhook = workflow.nodes.find((node) => node.type === 'n8n-nodes-base.webhook');
				webhook.parameters.path = `${embedding}/${route}`;
				webhook.webhookId = `${embedding}-${route}`;
				await client.importAndPublish(workflow);
			}
			for (const file of sampleFiles()) {
				const stored = await client.webhook(`${embedding}/documents`, sampleUpload(file));
				if (stored.json?.added !== 1) throw new Error(`ingest answered ${stored.status}: ${stored.text}`);
			}
			const ask = [];
			const plain = [];
			for (let round = -10; round < rounds; round++) {
				const question = questions[(round + 10) % questions.length];
				const answer = await client.webhook(`${embedding}/ask`, { question });
				if (answer.json?.found !== true) throw new Error(`ask answered ${answer.status}: ${answer.text}`);
				const echo = await client.webhook('plain', { question });
				if (echo.json?.echo !== question)
					throw new Error(`the plain flow answered ${echo.status}: ${echo.text}`);
				if (round < 0) continue; // the first calls load modules
				ask.push(answer.ms);
				plain.push(echo.ms);
			}
			const added = median(ask) - median(plain);
			emit({
				bench: 'webhook',
				case: `ask flow minus a Set flow, ${embedding} (${median(ask).toFixed(1)} - ${median(plain).toFixed(1)} ms, p50 of ${rounds})`,
				unit: 'ms',
				ours: added,
				peer: LIMIT_MS,
				peerName: 'limit',
				ratio: LIMIT_MS / Math.max(added, 0.1),
				goal: 1,
			});
		}
		emit(await newQuestions(client));
	} finally {
		await close();
	}
}

/** Pages of the project's docs, each with a sentence about a locker; one question for each of them. */
async function newQuestions(client) {
	const text = ownText();
	const pages = new FormData();
	for (let locker = 1; locker <= LOCKERS; locker++) {
		const page = text.slice((locker - 1) * PAGE_CHARACTERS, locker * PAGE_CHARACTERS);
		const half = page.indexOf('\n\n', PAGE_CHARACTERS / 2);
		const planted = `${page.slice(0, half)}\n\nLocker ${locker} is opened with badge ${1000 + locker * 7}.${page.slice(half)}`;
		pages.append('file', new Blob([planted], { type: 'text/markdown' }), `locker-${locker}.md`);
	}
	const stored = await client.webhook('builtinMultilingual/documents', pages);
	if (stored.json?.added !== LOCKERS) throw new Error(`ingest answered ${stored.status}: ${stored.text}`);
	const times = [];
	for (let locker = 1; locker <= LOCKERS; locker++) {
		const question = `Which badge opens locker ${locker}?`;
		const answer = await client.webhook('builtinMultilingual/ask', { question });
		if (answer.json?.found === undefined) throw new Error(`ask answered ${answer.status}: ${answer.text}`);
		times.push(answer.ms);
	}
	times.sort((a, b) => a - b);
	return {
		bench: 'webhook',
		case: `a new question over new passages, one core (${LOCKERS} asked once, longest ${times.at(-1).toFixed(0)} ms)`,
		unit: 'ms p50',
		ours: median(times),
		peer: NEW_QUESTION_MS,
		peerName: 'limit',
		ratio: NEW_QUESTION_MS / median(times),
		goal: 1,
	};
}
