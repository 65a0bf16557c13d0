/** Below an answer of the built-in answerer, wherever people read it. */
export const QUOTED = 'Quoted from the documents, not written by a model.';
