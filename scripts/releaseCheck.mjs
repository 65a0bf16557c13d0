// node scripts/releaseCheck.mjs v0.1.0 [--notes]: whether a tag may be released; with --notes it prints the changelog's section.
import { readFileSync } from 'node:fs';
import { inRoot, readJson } from './lib/paths.mjs';
import { Problem, runMain } from './lib/problem.mjs';

/** The text below "## VERSION – DATE" in the changelog; a version without a date is not released yet. */
function sectionOf(version) {
	const sections = readFileSync(inRoot('CHANGELOG.md'), 'utf8').split(/^## /m).slice(1);
	const section = sections.find((text) => text.startsWith(`${version} `));
	if (!section) throw new Problem(`CHANGELOG.md has no section "## ${version} – DATE".`);
	const [heading, ...lines] = section.split('\n');
	if (!/ – \d{4}-\d{2}-\d{2}$/.test(heading))
		throw new Problem(
			`CHANGELOG.md: write the day of the release into the heading, "## ${version} – 2026-12-31".`,
		);
	return lines.join('\n').trim();
}

await runMain(() => {
	const [tag, flag] = process.argv.slice(2);
	const { version } = readJson(inRoot('package.json'));
	if (tag !== `v${version}`)
		throw new Problem(
			`The tag is ${tag ?? 'missing'}, and package.json has version ${version}: the tag must be v${version}.`,
		);
	const section = sectionOf(version);
	if (flag === '--notes') console.log(section);
});
