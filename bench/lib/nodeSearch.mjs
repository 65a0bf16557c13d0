// Sync Documents and Search as a new user runs them: the built node, the defaults of its description, an empty place for indexes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepVectors } from './keptVectors.mjs';
import { moduleOf } from './modules.mjs';
import { nodeRunner } from './nodeRun.mjs';

/** Questions a call of the node: enough to keep it busy, few enough to show that it goes on. */
const AT_ONCE = 200;

/**
 * Runs `work` with the two operations; afterwards the indexes are removed. Vectors are kept for the next run.
 *
 * @param {(index: { sync, search }) => Promise<T>} work `sync(name, texts, settings)` stores texts by source;
 * `search(name, questions, settings)` resolves to the hits of each question
 * @returns {Promise<T>} @template T
 */
export async function withNodeIndexes(work) {
	// The node stores its indexes below N8N_USER_FOLDER.
	const home = mkdtempSync(join(tmpdir(), 'eval-indexes-'));
	process.env.N8N_USER_FOLDER = home;
	const kept = keepVectors();
	const run = nodeRunner('VectorIndex');
	const at = (name) => ({ resource: 'documents', index: { __rl: true, mode: 'name', value: name } });
	try {
		return await work({
			sync: async (name, texts, settings = {}) => {
				const documents = [...texts].map(([source, text]) => ({ source, text }));
				// A search counts when all vectors are there: left to the background, they come later on a slow machine than the questions.
				const complete = { options: { waitForVectors: true } };
				const parameters = { ...at(name), operation: 'sync', output: 'summary', ...complete, ...settings };
				const [{ failed = [] }] = await run(parameters, [{ documents }]);
				if (failed.length > 0) throw new Error(`"${failed[0].source}" was not stored: ${failed[0].reason}`);
			},
			search: async (name, questions, settings = {}) => {
				const parameters = { ...at(name), operation: 'search', ...settings };
				const found = [];
				for (let from = 0; from < questions.length; from += AT_ONCE) {
					const some = questions.slice(from, from + AT_ONCE);
					const answers = await run(
						parameters,
						some.map(({ text }) => ({ question: text })),
					);
					found.push(...answers.map(({ hits }) => hits));
				}
				return found;
			},
		});
	} finally {
		kept.close();
		moduleOf('embedding').endBuiltinEncoder();
		rmSync(home, { recursive: true, force: true });
	}
}
