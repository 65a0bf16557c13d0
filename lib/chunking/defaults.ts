// What holds where a call says nothing else. In a file of its own, because the forms of the nodes read it when n8n starts.

/** Defaults of `ChunkOptions`. */
export const CHUNK_DEFAULTS = { method: 'recursive', size: 750, overlap: 0, unit: 'characters' } as const;
