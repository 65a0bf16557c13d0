import { escapeMarkup, formatCount, htmlPage } from '../support';
import { chunkStatistics, type ChunkStatistics } from './statistics';
import type { Chunk } from './types';

/** Longer sources are shown up to here: a page of some megabytes helps nobody. */
const MAX_SHOWN = 200_000;
const COLOURS = 6;

/**
 * A self-contained HTML page: the source with each chunk in its own colour, overlaps hatched, and the sizes as a small
 * histogram. Nothing of the source is taken for HTML.
 */
export function chunkPreview(source: string, chunks: readonly Chunk[], title = 'Chunks'): string {
	const statistics = chunkStatistics(chunks);
	const cut = Math.min(source.length, MAX_SHOWN);
	const body = [
		`<h1>${escapeMarkup(title)}</h1>`,
		`<p>${summaryOf(statistics)}</p>`,
		histogramOf(statistics),
		`<pre>${[...markedSource(source, chunks, cut)].join('')}</pre>`,
		cut < source.length
			? `<p>The first ${formatCount(cut)} of ${formatCount(source.length)} characters are shown.</p>`
			: '',
	];
	return htmlPage(title, body.join('\n'), STYLE);
}

const STYLE = `
body{color:#1f2a44}
h1{font-size:20px;margin:0 0 4px}p{margin:4px 0 12px}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.6 ui-monospace,monospace}
mark{color:inherit;border-radius:2px}mark::before{content:attr(data-n);font-size:10px;opacity:.6;margin-right:3px}
.c0{background:#dbeafe}.c1{background:#dcfce7}.c2{background:#fef3c7}.c3{background:#fce7f3}.c4{background:#ede9fe}.c5{background:#ffedd5}
.o{background-image:repeating-linear-gradient(45deg,transparent 0 4px,rgba(31,42,68,.18) 4px 6px)}
.big{outline:2px solid #e4572e}
@media (prefers-color-scheme:dark){body{background:#171b26;color:#e8ecf4}.c0{background:#1e3a5f}.c1{background:#14432a}.c2{background:#4a3b10}.c3{background:#4a1d37}.c4{background:#33275c}.c5{background:#4d2b12}}
`.trim();

function summaryOf({ count, unit, sizes, oversized }: ChunkStatistics): string {
	const over = oversized > 0 ? ` · ${oversized} larger than the size, because they cannot be cut` : '';
	return `${count} chunks · ${sizes.min}–${sizes.max} ${unit}, median ${sizes.median}${over}`;
}

function histogramOf({ histogram, unit }: ChunkStatistics): string {
	const highest = Math.max(1, ...histogram.map(({ count }) => count));
	const bars = histogram.map(({ from, to, count }, position) => {
		const height = Math.round((count / highest) * 60);
		return `<rect x="${position * 30}" y="${64 - height}" width="26" height="${height}" fill="#e4572e"><title>${from}–${to} ${unit}: ${count}</title></rect>`;
	});
	const labels = histogram
		.filter((_, position) => position % 3 === 0)
		.map(
			({ from }, position) =>
				`<text x="${position * 90}" y="78" font-size="10" fill="currentColor">${from}</text>`,
		);
	return `<svg width="${histogram.length * 30}" height="82" role="img" aria-label="Chunk sizes in ${unit}">${bars.join('')}${labels.join('')}</svg>`;
}

/** The source between all chunk borders; a stretch that two chunks share is marked as overlap. */
function* markedSource(source: string, chunks: readonly Chunk[], cut: number): Iterable<string> {
	let position = 0;
	for (let i = 0; i < chunks.length && position < cut; i++) {
		const chunk = chunks[i];
		if (!chunk) break;
		if (chunk.start > position) yield escapeMarkup(source.slice(position, Math.min(chunk.start, cut)));
		const next = chunks[i + 1]?.start ?? chunk.end;
		const from = Math.max(position, chunk.start);
		const alone = Math.min(Math.max(from, Math.min(next, chunk.end)), cut);
		const end = Math.min(chunk.end, cut);
		const classes = `c${i % COLOURS}${chunk.flags?.includes('oversized') ? ' big' : ''}`;
		if (alone > from)
			yield `<mark class="${classes}" data-n="${chunk.index + 1}">${escapeMarkup(source.slice(from, alone))}</mark>`;
		if (end > alone)
			yield `<mark class="${classes} o" data-n="">${escapeMarkup(source.slice(alone, end))}</mark>`;
		position = Math.max(position, end);
	}
	if (position < cut) yield escapeMarkup(source.slice(position, cut));
}
