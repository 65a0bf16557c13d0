/** The upper halves of DOS' code pages, which `TextDecoder` does not know: from 0x80 on, in the order of their codes. */
const UPPER = new Map([
	[
		'ibm437',
		'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
	],
	[
		'ibm850',
		'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
	],
	[
		'ibm852',
		'ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u00ad˝˛ˇ˘§÷¸°¨˙űŘř■\u00a0',
	],
]);
// The same with the euro.
UPPER.set('ibm858', UPPER.get('ibm850')?.replace('ı', '€') ?? '');

/** Decodes bytes in an encoding of `TextDecoder`, or in one of DOS (`ibm437`, `ibm850`, `ibm852`, `ibm858`). */
export function decodePage(bytes: Uint8Array, encoding: string): string {
	const upper = UPPER.get(encoding);
	if (upper === undefined) return new TextDecoder(encoding).decode(bytes);
	return Array.from(bytes, (byte) =>
		byte < 0x80 ? String.fromCharCode(byte) : (upper[byte - 0x80] ?? ''),
	).join('');
}
