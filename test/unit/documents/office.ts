import { strToU8, zipSync } from 'fflate';

/** Parts of an Office file as a ZIP file. */
export function zipOf(parts: { readonly [name: string]: string | Uint8Array }): Buffer {
	const entries = Object.entries(parts).map(([name, part]): [string, Uint8Array] => [
		name,
		typeof part === 'string' ? strToU8(part) : part,
	]);
	return Buffer.from(zipSync(Object.fromEntries(entries)));
}

const W =
	'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"';

const relations = (targets: ReadonlyArray<readonly [id: string, type: string, target: string]>): string =>
	`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${targets
		.map(
			([id, type, target]) =>
				`<Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}"/>`,
		)
		.join('')}</Relationships>`;

/** A Word file with this body; `parts` are the contents of styles, numbering, footnotes, comments, header1 …. */
export function docxOf(body: string, parts: { readonly [name: string]: string } = {}): Buffer {
	const root: { [name: string]: string } = { header1: 'hdr', header2: 'hdr', footer1: 'ftr' };
	return zipOf({
		'_rels/.rels': relations([['r1', 'officeDocument', 'word/document.xml']]),
		'word/document.xml': `<w:document ${W}><w:body>${body}</w:body></w:document>`,
		'word/_rels/document.xml.rels': relations(
			Object.keys(parts).map((name, at) => [`p${at}`, name.replace(/\d$/, ''), `${name}.xml`]),
		),
		...Object.fromEntries(
			Object.entries(parts).map(([name, content]) => [
				`word/${name}.xml`,
				`<w:${root[name] ?? name} ${W}>${content}</w:${root[name] ?? name}>`,
			]),
		),
	});
}

/** A paragraph of Word with a text or with runs. */
export const p = (content: string, properties = ''): string =>
	`<w:p>${properties === '' ? '' : `<w:pPr>${properties}</w:pPr>`}${content.startsWith('<') ? content : `<w:r><w:t>${content}</w:t></w:r>`}</w:p>`;

/** A run of Word. */
export const r = (text: string, properties = ''): string =>
	`<w:r><w:rPr>${properties}</w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`;

/** A PowerPoint file: the shapes of each slide, and the notes of its speaker. */
export function pptxOf(slides: ReadonlyArray<{ readonly shapes: string; readonly notes?: string }>): Buffer {
	const N =
		'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
	const parts: { [name: string]: string } = {
		'_rels/.rels': relations([['r1', 'officeDocument', 'ppt/presentation.xml']]),
		'ppt/presentation.xml': `<p:presentation ${N}><p:sldIdLst>${slides.map((_, at) => `<p:sldId id="${256 + at}" r:id="s${at}"/>`).join('')}</p:sldIdLst></p:presentation>`,
		// Their files are not in their order.
		'ppt/_rels/presentation.xml.rels': relations(
			slides.map((_, at) => [`s${at}`, 'slide', `slides/slide${slides.length - at}.xml`]),
		),
	};
	slides.forEach(({ shapes, notes }, at) => {
		const name = `slide${slides.length - at}.xml`;
		parts[`ppt/slides/${name}`] = `<p:sld ${N}><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld></p:sld>`;
		if (notes === undefined) return;
		parts[`ppt/slides/_rels/${name}.rels`] = relations([['n', 'notesSlide', `../notesSlides/n${at}.xml`]]);
		parts[`ppt/notesSlides/n${at}.xml`] =
			`<p:notes ${N}><p:cSld><p:spTree>${shape('body', notes)}</p:spTree></p:cSld></p:notes>`;
	});
	return zipOf(parts);
}

/** A text shape of PowerPoint; lines are paragraphs. */
export const shape = (placeholder: string, ...lines: string[]): string =>
	`<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr>${placeholder === '' ? '' : `<p:ph type="${placeholder}"/>`}</p:nvPr></p:nvSpPr><p:txBody>${lines.map((line) => `<a:p><a:r><a:t>${line}</a:t></a:r></a:p>`).join('')}</p:txBody></p:sp>`;
