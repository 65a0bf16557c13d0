// Whether the model that Sync Documents begins with finds passages in other languages than English.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { builtinEmbedder, type BuiltinTier, endBuiltinEncoder, vectorsOf } from '../../../../lib/embedding';
import { createIndex } from '../../../../lib/vectorIndex';
import { embeddingField } from '../../../../nodes/shared/fields/embeddingField';

jest.setTimeout(120_000);

const directory = mkdtempSync(path.join(tmpdir(), 'languages-'));
afterAll(() => {
	endBuiltinEncoder();
	rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

/** Of each language: leave, broken goods, opening hours; then questions for them that use other words. */
const LANGUAGES: Readonly<Record<string, readonly string[]>> = {
	German: [
		'Alle Angestellten haben jährlich dreißig freie Tage bei vollem Gehalt.',
		'Kaputte Ware holen wir kostenlos bei Ihnen zu Hause ab.',
		'Unser Laden öffnet werktags um neun und schließt um achtzehn Uhr.',
		'Wie viel Urlaub bekommt ein Mitarbeiter?',
		'Wer zahlt die Rücksendung eines beschädigten Pakets?',
		'Bis wann kann ich am Montag vorbeikommen?',
	],
	Spanish: [
		'Cada empleado dispone de treinta días libres al año con sueldo completo.',
		'Recogemos gratis en su casa la mercancía rota.',
		'La tienda abre a las nueve y cierra a las seis entre semana.',
		'¿Cuántas vacaciones tiene un trabajador?',
		'¿Quién paga la devolución de un paquete dañado?',
		'¿Hasta qué hora puedo visitarles el lunes?',
	],
	Turkish: [
		'Her çalışanın yılda otuz gün ücretli izni vardır.',
		'Bozuk malları evinizden bedava alıyoruz.',
		'Mağazamız hafta içi dokuzda açılır ve akşam altıda kapanır.',
		'Personel ne kadar tatil yapabilir?',
		'Hasarlı bir paketi geri göndermenin parasını kim öder?',
		'Pazartesi saat kaça kadar gelebilirim?',
	],
	Russian: [
		'Каждому сотруднику положено тридцать оплачиваемых выходных в год.',
		'Сломанный товар мы бесплатно заберём у вас дома.',
		'Магазин открывается в девять и закрывается в шесть по будням.',
		'Сколько длится отпуск у работников?',
		'Кто платит за возврат повреждённой посылки?',
		'До какого часа можно прийти в понедельник?',
	],
	Arabic: [
		'يحصل كل موظف على ثلاثين يوما حرا مدفوع الأجر سنويا.',
		'نستلم البضائع المكسورة من منزلكم مجانا.',
		'يفتح المتجر في التاسعة ويغلق في السادسة خلال أيام الأسبوع.',
		'كم مدة إجازة العاملين؟',
		'من يدفع ثمن إرجاع طرد تالف؟',
		'حتى أي ساعة يمكنني زيارتكم يوم الاثنين؟',
	],
	Greek: [
		'Κάθε υπάλληλος δικαιούται τριάντα ημέρες με αποδοχές τον χρόνο.',
		'Τα σπασμένα προϊόντα τα παραλαμβάνουμε δωρεάν από το σπίτι σας.',
		'Το κατάστημα ανοίγει στις εννέα και κλείνει στις έξι τις καθημερινές.',
		'Πόση άδεια παίρνει ένας εργαζόμενος;',
		'Ποιος πληρώνει την επιστροφή ενός χαλασμένου δέματος;',
		'Μέχρι τι ώρα μπορώ να έρθω τη Δευτέρα;',
	],
	Hindi: [
		'हर कर्मचारी को साल में तीस दिन की सवेतन छुट्टी मिलती है।',
		'टूटा हुआ सामान हम आपके घर से मुफ़्त में ले जाते हैं।',
		'दुकान सुबह नौ बजे खुलती है और शाम छह बजे बंद होती है।',
		'काम करने वालों का अवकाश कितना लंबा है?',
		'ख़राब पार्सल वापस भेजने का ख़र्च कौन देगा?',
		'मैं सोमवार को कब तक आ सकता हूँ?',
	],
	Thai: [
		'พนักงานทุกคนหยุดงานโดยได้รับเงินเดือนปีละสามสิบวัน',
		'สินค้าที่แตกหักเราไปรับถึงบ้านโดยไม่คิดเงิน',
		'ร้านเปิดเก้าโมงเช้าและปิดหกโมงเย็น',
		'ลูกจ้างลาพักร้อนได้นานเท่าไร',
		'ใครจ่ายค่าส่งคืนพัสดุที่เสียหาย',
		'วันจันทร์แวะไปหาได้ถึงกี่โมง',
	],
	Chinese: [
		'每位员工每年可以带薪休息三十天。',
		'破损的商品由我们免费上门取走。',
		'本店平日九点开门,十八点关门。',
		'职工的假期有多长?',
		'退回损坏的包裹由谁付钱?',
		'星期一最晚什么时候可以过来?',
	],
	Japanese: [
		'社員は毎年三十日間、給料をもらって休むことができます。',
		'壊れた品物はご自宅まで無料で引き取りに伺います。',
		'当店は平日の九時に開き、十八時に閉まります。',
		'従業員の休暇はどのくらいですか。',
		'破損した荷物の返送料は誰が払いますか。',
		'月曜日は何時まで行けますか。',
	],
};

/** How many questions of each kind of search have the right passage first, in an index of that model. */
async function rightFirst(tier: BuiltinTier): Promise<Record<'keyword' | 'vector' | 'hybrid', number>> {
	const embedder = builtinEmbedder({ tier });
	const passages = Object.entries(LANGUAGES).flatMap(([language, lines]) =>
		lines.slice(0, 3).map((text, at) => ({ source: `${language} ${at}`, text })),
	);
	const vectors = await vectorsOf(
		embedder,
		passages.map(({ text }) => text),
	);
	const dimensions = vectors[0]?.length ?? 0;
	const index = await createIndex(
		{ backend: 'embedded', directory, name: tier },
		{ model: embedder.model, dimensions, fingerprint: tier },
	);
	// What a thread of the encoder sends is of another realm than this test.
	await index.upsert(
		passages.map((passage, at) => ({ ...passage, vector: Float32Array.from(vectors[at] ?? []) })),
	);
	const right = { keyword: 0, vector: 0, hybrid: 0 };
	for (const [language, lines] of Object.entries(LANGUAGES))
		for (const [at, text] of lines.slice(3).entries()) {
			const vector = Float32Array.from(await embedder.embedQuery(text));
			for (const mode of ['keyword', 'vector', 'hybrid'] as const) {
				const [best] = await index.search({ mode, text, vector, limit: 1 });
				if (best?.source === `${language} ${at}`) right[mode]++;
			}
		}
	return right;
}

// An English model finds 11 of them; keyword search finds 5.
it('the default model finds what keywords cannot, in ten languages', async () => {
	const tier = (embeddingField.default as string).replace('builtin', '').toLowerCase();
	const { keyword, vector, hybrid } = await rightFirst(tier as BuiltinTier);
	expect(keyword).toBeLessThan(10);
	expect(vector).toBeGreaterThan(16);
	expect(hybrid).toBeGreaterThan(16);
});
