import { EmbeddingError, type EmbeddingErrorKind } from '../../embedding';
import { IndexError, type IndexErrorKind } from '../../vectorIndex';
import { LocalEngineError, messageOf } from '../../support';
import { IngestError, type IngestErrorKind } from '../errors';
import type { SentError } from './messages';

export function toSent(thrown: unknown): SentError {
	const name = thrown instanceof Error ? thrown.name : 'Error';
	const cause: unknown = thrown instanceof Error ? thrown.cause : undefined;
	return {
		name,
		message: messageOf(thrown),
		...(thrown instanceof LocalEngineError && { kind: String(thrown.kind) }),
		...(cause !== undefined && { cause: messageOf(cause) }),
	};
}

/** The error as the function would have thrown it here. */
export function fromSent({ name, message, kind, cause }: SentError): Error {
	const options = cause === undefined ? undefined : { cause: new Error(cause) };
	switch (name) {
		case 'IngestError':
			return new IngestError(kind as IngestErrorKind, message, options);
		case 'IndexError':
			return new IndexError(kind as IndexErrorKind, message, options);
		case 'EmbeddingError':
			return new EmbeddingError(kind as EmbeddingErrorKind, message, options);
		default:
			// Of another module: whoever reads it looks at the kind (which a webhook answers as its status) and the sentence.
			return kind === undefined
				? new Error(message, options)
				: renamed(new LocalEngineError(kind, message, options), name);
	}
}

function renamed(error: LocalEngineError, name: string): LocalEngineError {
	error.name = name;
	return error;
}
