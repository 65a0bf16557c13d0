/** Names of the built-in sentence encoders, as indexes keep them: their folders in models/. */
export const ENGLISH = 'minilm-int8';
export const MULTILINGUAL = 'multilingual-e5-small';
