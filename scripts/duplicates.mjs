// npm run duplicates: names every piece of code that stands in two places (jscpd), and fails above the limits below.
import { createRequire } from 'node:module';
import path from 'node:path';
import { inRoot, root } from './lib/paths.mjs';
import { runMain } from './lib/problem.mjs';

// By require: its ES build names files that Node does not find.
const { detectClonesAndStatistic } = createRequire(import.meta.url)('jscpd');

const FOLDERS = ['lib', 'nodes', 'credentials', 'scripts', 'bench', 'host', 'test/support'];
/** A shorter piece is a habit of the language, not a copy. */
const SMALLEST = { minTokens: 50, minLines: 5 };
/** Today's figures, rounded up: they only go down. */
const LIMITS = { tokensOfOnePiece: 125, percentOfTokens: 0.3 };

const place = ({ sourceId, start, end }) => `${path.relative(root, sourceId)}:${start.line}-${end.line}`;
const tokensOf = ({ duplicationA: { start, end } }) => end.position - start.position;

await runMain(async () => {
	process.chdir(root);
	const { clones, statistic } = await detectClonesAndStatistic({
		...SMALLEST,
		path: FOLDERS.map((folder) => inRoot(folder)),
		format: ['typescript', 'javascript'],
		ignore: ['**/node_modules/**', '**/host/node/**'],
		maxLines: 5_000,
		maxSize: '1mb',
		reporters: [],
		silent: true,
	});
	const largestFirst = clones.sort((a, b) => tokensOf(b) - tokensOf(a));
	for (const clone of largestFirst)
		console.log(
			`${String(tokensOf(clone)).padStart(4)} tokens  ${place(clone.duplicationA)}  =  ${place(clone.duplicationB)}`,
		);
	const { sources, percentageTokens } = statistic.total;
	const largest = largestFirst.length > 0 ? tokensOf(largestFirst[0]) : 0;
	console.log(
		`${clones.length} pieces stand twice in ${sources} files: ${percentageTokens} % of the tokens (limit ${LIMITS.percentOfTokens} %), the largest of ${largest} tokens (limit ${LIMITS.tokensOfOnePiece}).`,
	);
	if (largest > LIMITS.tokensOfOnePiece || percentageTokens > LIMITS.percentOfTokens) {
		console.error('Write such a piece once, where both can import it.');
		process.exitCode = 1;
	}
});
