// Errors of the sync process keep their kind, of whichever module they are: a webhook answers with the status of the kind.
import { ChunkingError } from '../../../lib/chunking';
import { DocumentError } from '../../../lib/documents';
import { IndexError } from '../../../lib/vectorIndex';
import { IngestError } from '../../../lib/ingest';
import { fromSent, toSent } from '../../../lib/ingest/process/sentErrors';

it.each([
	new ChunkingError('invalidOptions', 'The chunking option "size" is 0.'),
	new DocumentError('unreadable', 'The file is empty.'),
	new IndexError('notFound', 'There is no index named "x".'),
	new IngestError('migration', 'A migration runs.'),
])('$name keeps its name, kind and sentence', (error) => {
	const copy = fromSent(toSent(error));
	expect(copy).toMatchObject({ name: error.name, kind: error.kind, message: error.message });
});

it('an error of Node stays one without a kind', () => {
	const copy = fromSent(toSent(new TypeError('x is not a function')));
	expect(copy.message).toBe('x is not a function');
	expect(copy).not.toHaveProperty('kind');
});
