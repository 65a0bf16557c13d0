import {
	cpSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
	changeKey,
	defaultSpace,
	dropSpace,
	listSpaces,
	openSpace,
	proposeKey,
	type SpaceErrorKind,
} from '../../../lib/spaces';

let data = '';
beforeEach(() => (data = mkdtempSync(path.join(tmpdir(), 'spaces-'))));
afterEach(() => rmSync(data, { recursive: true, force: true }));

const KEY = 'a-key-of-accounting';
const accounting = { name: 'accounting', key: KEY };
const fails = async (work: Promise<unknown>, kind: SpaceErrorKind): Promise<string> => {
	const thrown: unknown = await work.then(
		() => undefined,
		(error: unknown) => error,
	);
	expect(thrown).toMatchObject({ kind });
	return (thrown as Error).message;
};

/** Every file in a folder as text. */
const filesIn = (folder: string): string[] =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'));

describe('a space', () => {
	it('is made by the first who opens it, and opened by its key alone', async () => {
		const space = await openSpace(data, accounting);
		expect(space).toEqual({
			name: 'accounting',
			folder: path.join(data, 'spaces', 'accounting'),
			id: expect.stringMatching(/^[0-9a-f]{12}$/),
		});
		expect(await openSpace(data, accounting)).toEqual(space);
		const message = await fails(openSpace(data, { ...accounting, key: `${KEY}x` }), 'refused');
		expect(message).toContain('cannot be opened with this key');
		// The verdict on a wrong key is remembered, and stays.
		await fails(openSpace(data, { ...accounting, key: `${KEY}x` }), 'refused');
		expect(await openSpace(data, accounting)).toEqual(space);
	});

	it('keeps no key in its files, and nobody else may read them', async () => {
		await openSpace(data, accounting);
		const texts = filesIn(data);
		expect(texts).toHaveLength(1);
		for (const form of [KEY, Buffer.from(KEY).toString('base64'), Buffer.from(KEY).toString('hex')])
			expect(texts.join()).not.toContain(form);
		const file = path.join(data, 'spaces', 'accounting', 'space.json');
		if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
	});

	it('belongs to one of several who make it at once', async () => {
		const keys = Array.from({ length: 6 }, proposeKey);
		const results = await Promise.allSettled(keys.map((key) => openSpace(data, { name: 'hr', key })));
		expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
	});

	it('has the same id on every machine, and another for another key', async () => {
		const other = path.join(data, 'another-machine');
		const third = path.join(data, 'third-machine');
		const { id } = await openSpace(data, accounting);
		expect((await openSpace(other, accounting)).id).toBe(id);
		expect((await openSpace(third, { ...accounting, key: proposeKey() })).id).not.toBe(id);
	});

	it('is opened elsewhere from a copy of its folder, with its key', async () => {
		const { id } = await openSpace(data, accounting);
		const other = path.join(data, 'another-machine');
		cpSync(path.join(data, 'spaces', 'accounting'), path.join(other, 'spaces', 'accounting'), {
			recursive: true,
		});
		await fails(openSpace(other, { ...accounting, key: proposeKey() }), 'refused');
		expect((await openSpace(other, accounting)).id).toBe(id);
	});

	it('is not taken over when its file is lost, damaged or of another space', async () => {
		await openSpace(data, accounting);
		const folder = path.join(data, 'spaces', 'accounting');
		const file = path.join(folder, 'space.json');
		const text = readFileSync(file, 'utf8');
		writeFileSync(path.join(folder, 'experiments.sqlite'), 'data');
		const edited = [
			text.replace('accounting', 'hr'),
			text.replace('"version": 1', '"version": "one"'),
			text.replace('"version": 1', '"version": -1'),
			text.replace(/"id": "\w+"/, '"id": "../../config"'),
			// A day of the processor for each key that is tried.
			text.replace('"p": 1', '"p": 1000000'),
			text.replace('"N": 32768', '"N": -1'),
		];
		for (const content of [undefined, '', '{', '{}', ...edited]) {
			if (content === undefined) rmSync(file);
			else writeFileSync(file, content);
			await fails(openSpace(data, accounting), 'damaged');
			await fails(openSpace(data, { ...accounting, key: proposeKey() }), 'damaged');
		}
		writeFileSync(file, text.replace('"version": 1', '"version": 2'));
		expect(await fails(openSpace(data, accounting), 'damaged')).toContain('newer version');
	});

	it('is not opened through a link to the folder of another one', async () => {
		await openSpace(data, accounting);
		symlinkSync(path.join(data, 'spaces', 'accounting'), path.join(data, 'spaces', 'hr'), 'junction');
		await fails(openSpace(data, { ...accounting, name: 'hr' }), 'damaged');
	});

	it.each(['', 'Accounting', '../x', 'a/b', 'a.b', 'default', 'administrator', 'é', '-a', 'a'.repeat(33), 5])(
		'cannot be called %p',
		async (name) => {
			await fails(openSpace(data, { name: name as string, key: KEY }), 'invalidName');
			expect(readdirSync(data)).toEqual([]);
		},
	);

	it.each(['', 'too-short', 'x'.repeat(201), undefined])('cannot have the key %p', async (key) => {
		await fails(openSpace(data, { name: 'hr', key: key as string }), 'invalidKey');
		expect(readdirSync(data)).toEqual([]);
	});

	it('changes its key; the old one is refused at once, the id stays', async () => {
		const { id } = await openSpace(data, accounting);
		const key = proposeKey();
		await fails(changeKey(data, { ...accounting, key, previousKey: proposeKey() }), 'refused');
		expect((await changeKey(data, { ...accounting, key, previousKey: KEY })).id).toBe(id);
		await fails(openSpace(data, accounting), 'refused');
		expect((await openSpace(data, { ...accounting, key })).id).toBe(id);
		// In the same words as a wrong key; and nothing is made.
		await fails(changeKey(data, { name: 'hr', key, previousKey: KEY }), 'refused');
		expect(readdirSync(path.join(data, 'spaces'))).toEqual(['accounting']);
	});

	it('is dropped when its name is entered, by whoever has its key', async () => {
		const { folder } = await openSpace(data, accounting);
		await fails(dropSpace(data, accounting, 'acounting'), 'notConfirmed');
		await fails(dropSpace(data, { ...accounting, key: proposeKey() }, 'accounting'), 'refused');
		expect(statSync(folder).isDirectory()).toBe(true);
		await dropSpace(data, accounting, 'accounting');
		// Only the note remains that there was one.
		expect(readdirSync(path.join(data, 'spaces'))).toEqual(['.was-accounting']);
		// The name is free again, and nothing of before is in it.
		const key = proposeKey();
		await openSpace(data, { ...accounting, key });
		expect(readdirSync(folder)).toEqual(['space.json']);
		expect(readdirSync(path.join(data, 'spaces'))).toEqual(['accounting']);
	});
});

describe('the list of spaces', () => {
	const administrator = { name: 'administrator', key: 'the-administrators-key' };

	it('is for the administrator alone', async () => {
		await openSpace(data, accounting);
		await openSpace(data, { name: 'hr', key: proposeKey() });
		const list = await listSpaces(data, administrator, administrator.key);
		expect(list.map(({ name }) => name)).toEqual(['accounting', 'hr']);
		expect(list[0]?.bytes).toBeGreaterThan(100);
		for (const [given, set] of [
			[accounting, administrator.key],
			[{ ...administrator, key: KEY }, administrator.key],
			[{ ...administrator, name: 'accounting' }, administrator.key],
			[{ ...administrator, key: '' }, ''],
			[administrator, undefined],
		] as const)
			await fails(listSpaces(data, given, set), 'refused');
	});
});

describe('the default space', () => {
	it('is the folder itself, until it is closed', async () => {
		expect(defaultSpace(data, { closed: false })).toEqual({ name: '', folder: data });
		expect(() => defaultSpace(data, { closed: true })).toThrow('The default space is closed');
	});
});

describe('a backup', () => {
	it('of a space’s folder is opened elsewhere by its key, and by nothing else', async () => {
		const { id, folder } = await openSpace(data, accounting);
		writeFileSync(path.join(folder, 'records.sqlite'), 'what is in it');
		const elsewhere = mkdtempSync(path.join(tmpdir(), 'spaces-restored-'));
		try {
			cpSync(folder, path.join(elsewhere, 'spaces', 'accounting'), { recursive: true });
			await fails(openSpace(elsewhere, { ...accounting, key: 'another-key-of-it' }), 'refused');
			const restored = await openSpace(elsewhere, accounting);
			expect(restored.id).toBe(id);
			expect(readFileSync(path.join(restored.folder, 'records.sqlite'), 'utf8')).toBe('what is in it');
			// The name is part of it: a folder that was given another name opens nothing.
			cpSync(folder, path.join(elsewhere, 'spaces', 'hr'), { recursive: true });
			await fails(openSpace(elsewhere, { name: 'hr', key: KEY }), 'damaged');
		} finally {
			rmSync(elsewhere, { recursive: true, force: true });
		}
	});
});
