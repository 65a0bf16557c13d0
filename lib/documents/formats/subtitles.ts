import { decodeText } from '../decode';
import type { Parse } from './parse';

/** A line that says when a text is shown: `00:01:02,500 --> 00:01:04,000`. */
const TIMES = /^\s*(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}\s+-->/;
/** Blocks of WebVTT that are not shown. */
const UNSHOWN = /^(?:WEBVTT|NOTE|STYLE|REGION|X-TIMESTAMP-MAP)(?:\b|=)/;

/** The parser of subtitles and transcripts (WebVTT, SRT): what is said, without times. */
export function loadSubtitles(): Parse {
	return async ({ bytes }, writer) => {
		const { text, warnings } = await decodeText(bytes);
		for (const warning of warnings ?? []) writer.warn(warning);
		let before = '';
		for (const lines of blocksOf(text.replace(/^\uFEFF/, ''))) {
			const times = lines.findIndex((line) => TIMES.test(line));
			if (times === -1 && (UNSHOWN.test(lines[0] ?? '') || lines.every((line) => /^\d*$/.test(line.trim()))))
				continue;
			const said = lines
				.slice(times + 1)
				.map(plain)
				.filter((line) => line !== '' && line !== before);
			before = said.at(-1) ?? before;
			writer.paragraph(said.join('\n'), { tight: true });
		}
	};
}

/** Lines that no empty line keeps apart. */
function blocksOf(text: string): string[][] {
	const blocks: string[][] = [[]];
	for (const line of text.split(/\r?\n/)) {
		if (line.trim() === '') blocks.push([]);
		else blocks.at(-1)?.push(line);
	}
	return blocks.filter((block) => block.length > 0);
}

/** A line without marks; who speaks stands before it. */
function plain(line: string): string {
	const [first = '', ...marked] = line.split('<');
	const text = marked.map((part) => {
		const end = part.indexOf('>');
		if (end === -1) return `<${part}`;
		const [name = '', ...speaker] = part.slice(0, end).split(' ');
		const isVoice = name === 'v' || name.startsWith('v.');
		return (isVoice ? `${speaker.join(' ')}: ` : '') + part.slice(end + 1);
	});
	return (first + text.join(''))
		.replaceAll('&nbsp;', ' ')
		.replaceAll('&lt;', '<')
		.replaceAll('&gt;', '>')
		.replaceAll('&amp;', '&')
		.trim();
}
