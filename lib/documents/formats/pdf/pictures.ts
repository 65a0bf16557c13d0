import type { PDFPageProxy } from 'pdfjs-dist';

/** Numbers of pdf.js's drawing operators (its `OPS`), as far as they place pictures. */
const OPS = { save: 10, restore: 11, transform: 12, paintFormBegin: 74, paintFormEnd: 75 };
const PAINTS = new Set([83, 84, 85, 86, 87, 88, 89, 90]);

type Matrix = readonly [number, number, number, number, number, number];
const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

/** Share of the page that its largest picture covers, 0 to 1. Reads the page's drawing operators: pictures are decoded. */
export async function pictureShare(page: PDFPageProxy): Promise<number> {
	const { fnArray, argsArray } = await page.getOperatorList();
	const { width, height } = page.getViewport({ scale: 1 });
	const stack: Matrix[] = [];
	let matrix = IDENTITY;
	let largest = 0;
	fnArray.forEach((operator: number, at: number) => {
		if (operator === OPS.save || operator === OPS.paintFormBegin) stack.push(matrix);
		if (operator === OPS.restore || operator === OPS.paintFormEnd) matrix = stack.pop() ?? IDENTITY;
		if (operator === OPS.transform) matrix = times(matrix, argsArray[at]);
		if (operator === OPS.paintFormBegin) matrix = times(matrix, (argsArray[at] as readonly unknown[])[0]);
		if (PAINTS.has(operator)) largest = Math.max(largest, areaOf(matrix));
	});
	return width * height === 0 ? 0 : Math.min(1, largest / (width * height));
}

/** A picture is drawn into the unit square. */
const areaOf = ([a, b, c, d]: Matrix): number => Math.abs(a * d - b * c);

function times([a, b, c, d, e, f]: Matrix, by: unknown): Matrix {
	const numbers = Array.from((by ?? []) as ArrayLike<unknown>, Number);
	const [g = 1, h = 0, i = 0, j = 1, k = 0, l = 0] = numbers;
	return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}
