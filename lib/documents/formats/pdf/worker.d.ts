/** The half of pdf.js that parses; it registers itself. */
declare module 'pdfjs-dist/legacy/build/pdf.worker.mjs';
