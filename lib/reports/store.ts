import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { asString, compact } from '../support';
import { entryOf, idsIn, isId, keepNewest, newId, readWhole, writeWhole } from './files';
import type { Report, ReportStart } from './types';

/** Reports that are kept; the oldest go first. */
const MAX_REPORTS = 100;
/** Larger pages are not kept: no browser shows them well. */
const MAX_PAGE_CHARACTERS = 20_000_000;

const folderOf = (directory: string): string => path.join(directory, 'reports');

/**
 * Keeps a report, so that it can be looked at in a browser.
 *
 * @param directory the pack's data folder
 * @returns its ID; undefined for a page that is too large
 */
export async function keepReport(
	directory: string,
	{ html, ...report }: ReportStart,
): Promise<string | undefined> {
	if (html.length > MAX_PAGE_CHARACTERS) return undefined;
	const id = newId();
	const folder = folderOf(directory);
	await writeWhole(path.join(folder, `${id}.html`), html);
	const entry = compact({ ...report, createdAt: new Date().toISOString() });
	await writeWhole(path.join(folder, `${id}.json`), JSON.stringify(entry));
	await keepNewest(folder, MAX_REPORTS, ['.html']);
	return id;
}

/** The reports that are kept, the newest first. */
export async function listReports(directory: string): Promise<Report[]> {
	const folder = folderOf(directory);
	const reports: Report[] = [];
	for (const id of (await idsIn(folder)).slice(0, MAX_REPORTS)) {
		const entry = await entryOf(folder, id);
		if (!entry) continue;
		const text = (name: string) => asString(entry[name]) ?? '';
		reports.push(
			compact({
				...{ id, title: text('title'), task: text('task'), node: text('node'), createdAt: text('createdAt') },
				workflow: asString(entry.workflow),
			}),
		);
	}
	return reports;
}

/** The page of a report; undefined where there is none of that ID. */
export async function readReport(directory: string, id: string): Promise<string | undefined> {
	return isId(id) ? await readWhole(path.join(folderOf(directory), `${id}.html`)) : undefined;
}

const addressFolder = (directory: string): string => path.join(directory, 'reports', 'addresses');
const addressFile = (directory: string, owner: string): string =>
	path.join(addressFolder(directory), createHash('sha256').update(owner).digest('hex').slice(0, 32));

/** Remembers the URL at which reports are served, so that whoever makes one can say where to look. */
export async function rememberAddress(directory: string, owner: string, url: string): Promise<void> {
	await writeWhole(addressFile(directory, owner), url);
}

export async function forgetAddress(directory: string, owner: string): Promise<void> {
	await rm(addressFile(directory, owner), { force: true });
}

/** A URL at which reports are served; undefined where nobody serves them. */
export async function reportsAddress(directory: string): Promise<string | undefined> {
	const names = await readdir(addressFolder(directory)).catch(() => []);
	for (const name of names.filter((each) => !each.includes('.')).sort()) {
		const url = await readWhole(path.join(addressFolder(directory), name));
		if (url !== undefined && URL.canParse(url)) return url;
	}
	return undefined;
}
