// What holds everywhere. In a file of its own, because the forms of the nodes read it when n8n starts.

/** Fewer questions say nothing, however they are answered: with five, even five wins of five happen by chance in one of sixteen tries. */
export const MIN_QUESTIONS = 10;
