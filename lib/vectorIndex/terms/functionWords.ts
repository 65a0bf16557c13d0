import { fold, prepare } from './fold';

/*
 * The words of questions that say little of what is looked for, in the languages that most people write in. Which language
 * a question is in is not asked: a word of one list that means something in another language still counts, only less.
 */
const LISTS = [
	// English
	'a about after all also am an and any are as at be because been before being between both but by can could did do does doing for from ' +
		'had has have having he her his how i if in into is it its me more most my no nor not of off on or other our out over she should so ' +
		'some such than that the their them then there these they this those through to too under until up was we were what when where which ' +
		'while who whom whose why will with would you your',
	// German
	'aber als am an auch auf aus bei bis das dass dem den der des die durch ein eine einem einen einer eines er es für haben hat ich ihr im in ' +
		'ist kann man mit nach nicht oder sich sie sind so über um und unter vom von vor wann war waren warum was welche welchem welchen welcher ' +
		'welches wenn wer werden wie wieviel wir wird wo wurde wurden zu zum zur',
	// French
	'au aux avec ce ces cette combien comment dans de des du elle en est et il ils je la le les leur lui mais ne nous on ont ou où par pas pour ' +
		'pourquoi quand que quel quelle quelles quels qui quoi sa se ses son sont sur un une vous été était',
	// Spanish and Portuguese
	'al como con cual cuando cuánto cuántos cuántas cuál cuáles de del desde donde dónde el ella en entre era es esta este fue ha hay la las lo los más ' +
		'no o para pero por porque qué que quién quien quiénes se ser si sin sobre son su sus también un una unos y ' +
		'ao aos as às com da das do dos e em foi mas na nas não nos os ou pela pelo qual quais quando quanto quantos quem são seu sua um uma',
	// Italian
	'al alla anche che chi ci come con cosa cui da dal dalla degli dei del della delle di dove e era gli ha i il in io la le lo ma nel nella non per ' +
		'perché più quale quali quando quanti quanto se si sono su sul un una',
	// Dutch
	'aan als bij dat de deze die dit door een en er het hij hoe hoeveel ik in is je kan met naar niet of om ook op te tot uit van voor waar waarom ' +
		'wanneer was wat we welke werd wie wordt ze zijn zich',
	// Swedish, Danish, Norwegian
	'att av den det de efter en ett för från han har hur hvad hvem hvilken hvor hva hvordan i inte ikke jag jeg med men når och og om på som til till ' +
		'vad vem vilka vilken vilket var ved är er',
	// Polish, Czech
	'co czy dla do gdzie i ile jak jaka jaki jakie jest kiedy kto która które który na nie o od po przez się są w z za że ' +
		'ale co jak jaké jaký je jsou kde kdo kdy kolik která které který na nebo pro s se ve z že',
	// Romanian
	'al ale au ca care câte câți când ce cine cu cum de din după este există fost în la lui mai nu o pe pentru prin s sau se și sunt un unde',
	// Hungarian, Finnish
	'a az egy és hány hogy hogyan hol is ki melyik mennyi mi mikor mit nem van volt ' +
		'ja joka kuinka kuka että mikä milloin missä mitä miten mukaan oli on ovat se',
	// Turkish
	'bir bu da de en gibi göre hangi hangisi için ile kaç kim kimdir mı mi mu mü nasıl ne neden nedir nerede olan olarak ve veya ya',
	// Vietnamese, Indonesian
	'ai bao bị các cái có của cho được gì khi không là lại mà một nào như những ở sao tại thế trong từ và về với ' +
		'ada adalah apa bagaimana berapa dalam dan dari dengan di ini itu kapan ke mana mengapa oleh pada siapa untuk yang',
	// Russian, Ukrainian
	'а без бы был была были было быть в во вы где для до его ее если есть еще же за и из или им их как какая какие какой каком когда кого которая которые ' +
		'который кто ли мне мы на не него о об он она они от по под при с сколько со так также то что чем чего чья это я ' +
		'від він вона вони де для до з за й коли на не про скільки та у хто це чи що як яка які який',
	// Greek
	'από για δεν είναι ένα ένας η ήταν και με μια να ο οι ποια ποιες ποιο ποιοι ποιος πότε που πού πόσα πόσες πόσο πόσοι πως πώς σε στα στη στην στις στο στον στους τα ' +
		'της τη την τι τις το τον του τους των ως',
	// Arabic, Persian
	'أن أو أي أين إلى التي الذي الذين أنه بين تم ثم عن على عند في قد كان كانت كم كيف لا لم لماذا ليس ما ماذا متى مع من منذ هذا هذه هل هو هي و ' +
		'آن است این با بر به بود تا چرا چند چه چیست را شد شده کجا که کدام کرد کی می های هر یک',
	// Hebrew
	'אל איפה איך אם את היא הוא היה זה כמה לא מה מי מתי על עם של',
	// Hindi
	'इस उस एक और कब का कि किस किसने की के को कौन क्या कितना कितनी कितने कैसे कहाँ तक था थी थे द्वारा ने पर में यह ये वह से हुआ हुई है हैं हो',
	// Korean words that stand alone
	'그 및 수 이 는 은 를 을 의',
];

const FUNCTION_WORDS: ReadonlySet<string> = new Set(
	LISTS.flatMap((list) => list.split(' ')).map((word) => fold(prepare(word))),
);

/** Whether a folded word is one of them. */
export function isFunctionWord(word: string): boolean {
	return FUNCTION_WORDS.has(word);
}
