import type { DocumentWriter } from '../writer';

/** What programs write where nobody gave a title, and names of files. */
const NO_TITLE =
	/^(?:untitled|unbenannt|sans titre|sin título|senza titolo|document\s?\d*|dokument\s?\d*|unspecified|.*\.(?:docx?|dotx?|xlsx?|pptx?|odt|ods|odp|indd|qxd|tex|dvi|ps|pdf|rtf|html?|txt))$/i;

/** Title, author and date of a PDF as its info dictionary has them, where they say something. */
export function writeProperties(info: object, writer: DocumentWriter): void {
	const text = (name: string): string => {
		const value: unknown = name in info ? info[name as keyof typeof info] : undefined;
		return typeof value === 'string' ? value.trim() : '';
	};
	const title = text('Title').replace(/^Microsoft (?:Office )?(?:Word|PowerPoint|Excel)\s+-\s+/i, '');
	if (!NO_TITLE.test(title)) writer.setTitle(title);
	const author = text('Author');
	if (!/^(?:anonymous|unknown|user|admin(?:istrator)?)?$/i.test(author)) writer.setFact('author', author);
	writer.setFact('created', dateOf(text('CreationDate')));
}

/** `D:20260131…` (ISO 32000-1, 7.9.4) as 2026-01-31. */
function dateOf(date: string): string | undefined {
	const [, year, month = '01', day = '01'] = /^(?:D:)?(\d{4})(\d\d)?(\d\d)?/.exec(date) ?? [];
	return year === undefined ? undefined : `${year}-${month}-${day}`;
}
