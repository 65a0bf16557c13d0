import type { ParsedKind } from '../kinds';
import { loadCalendar } from './calendar';
import { loadCsv } from './csv';
import { loadDoc } from './doc';
import { loadDocx } from './docx';
import { loadEpub } from './epub';
import { loadHtml } from './html';
import { loadJson, loadJsonLines } from './json';
import { loadMail, loadMailbox } from './mail/eml';
import { loadOutlookMail } from './mail/msg';
import { loadNotebook } from './notebook';
import { loadOpenDocument } from './odf';
import type { LoadParse } from './parse';
import { withPictures } from './ocr/packaged';
import { loadPicture } from './ocr/picture';
import { loadPdf } from './pdf';
import { loadRtf } from './rtf';
import { loadWorkbook } from './sheet';
import { loadSigned } from './signed';
import { loadPptx } from './slides/pptx';
import { loadSubtitles } from './subtitles';
import { loadXml } from './xmlFile';
import { loadArchive } from './zipArchive';

/** How each kind of file is read. */
export const FORMATS: Readonly<Record<ParsedKind, LoadParse>> = {
	pdf: loadPdf,
	docx: withPictures(loadDocx),
	doc: loadDoc,
	odt: withPictures(loadOpenDocument),
	rtf: loadRtf,
	xlsx: withPictures(loadWorkbook),
	xls: loadWorkbook,
	ods: withPictures(loadWorkbook),
	pptx: withPictures(loadPptx),
	odp: withPictures(loadOpenDocument),
	eml: loadMail,
	mbox: loadMailbox,
	msg: loadOutlookMail,
	epub: withPictures(loadEpub),
	html: loadHtml,
	xml: loadXml,
	csv: loadCsv,
	json: loadJson,
	jsonl: loadJsonLines,
	subtitles: loadSubtitles,
	calendar: loadCalendar,
	notebook: loadNotebook,
	zip: loadArchive,
	signed: loadSigned,
	image: loadPicture,
};
