/** Something a person has to put right: printed as one sentence, without a stack. */
export class Problem extends Error {}

/** Runs a script's main function; ends the process with 1 and a sentence (or, for a bug, a stack) when it throws. */
export async function runMain(main) {
	try {
		await main();
	} catch (error) {
		console.error(error instanceof Problem ? `\n${error.message}` : error);
		process.exitCode = 1;
	}
}

const [major, minor] = process.versions.node.split('.').map(Number);
export const OLDEST_NODE = '20.15';

export function requireNode() {
	if (major > 20 || (major === 20 && minor >= 15)) return;
	throw new Problem(
		`This needs Node ${OLDEST_NODE} or newer and found ${process.version}: install a current Node (https://nodejs.org) and run it again.`,
	);
}
