// What the template makes of the lists of folders that Google Drive gives: nobody can run it here with an account.
import { runInNewContext } from 'node:vm';
import { template } from '../../support/n8n';

const codeOf = (name: string): string =>
	String(template('google-drive-sync').nodes.find((node) => node.name === name)?.parameters.jsCode);

interface Item {
	readonly json: object;
}

/** Runs the code of a node as n8n does: `runs` are the outputs of "Entries", one for each level of folders. */
function run(name: string, input: readonly Item[], runIndex: number, runs: readonly Item[][] = []): Item[] {
	const $ = () => ({ all: (_: number, at: number) => runs[at] });
	const $input = { all: () => input, first: () => input[0] };
	const given = { $, $input, $runIndex: runIndex };
	return JSON.parse(JSON.stringify(runInNewContext(`(() => {${codeOf(name)}})()`, given))) as Item[];
}

const google = (name: string): string => `application/vnd.google-apps.${name}`;
const entry = (id: string, name: string, parent: string, mimeType = 'application/pdf'): Item => ({
	json: { id, name, mimeType, parents: [parent], modifiedTime: 'May', webViewLink: `https://drive/${id}` },
});

it('names each file by its path, over all levels, and leaves out what cannot be read', () => {
	const levels = [
		[entry('f1', 'Sales', 'root', google('folder')), entry('1', 'a.pdf', 'root')],
		[
			entry('f2', '2026', 'f1', google('folder')),
			entry('3', 'offer.pdf', 'f1'),
			entry('2', 'offer.pdf', 'f1'),
			entry('4', 'Plan', 'f1', google('document')),
			entry('5', 'Survey', 'f1', google('form')),
			entry('6', 'Other', 'f1', google('shortcut')),
		],
		[entry('7', 'deep.pdf', 'f2')],
	];
	const runs = levels.map((level, at) => run('Entries', level, at));
	expect(runs.map(([first]) => first?.json)).toMatchObject([{ more: true }, { more: true }, { more: false }]);
	expect(run('All Files', runs.at(-1) ?? [], 0, runs).map(({ json }) => json)).toEqual(
		[
			['1', 'a.pdf'],
			['2', 'Sales/offer.pdf'],
			// The same name in the same folder.
			['3', 'Sales/offer.pdf (3)'],
			['4', 'Sales/Plan'],
			['7', 'Sales/2026/deep.pdf'],
		].map(([id, source]) => ({ id, source, metadata: { modified: 'May', link: `https://drive/${id}` } })),
	);
});

it('an empty folder at the end does not end the list, and an empty drive lists nothing', () => {
	const runs = [
		run('Entries', [entry('f1', 'Sales', 'root', google('folder')), entry('1', 'a.pdf', 'root')], 0),
		// n8n sends one empty item on where a node has no output.
		run('Entries', [{ json: {} }], 1),
	];
	expect(run('All Files', runs.at(-1) ?? [], 0, runs)).toHaveLength(1);
	const empty = [run('Entries', [{ json: {} }], 0)];
	expect(run('All Files', empty[0] ?? [], 0, empty)).toEqual([]);
});
