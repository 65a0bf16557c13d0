/** Questions of an evaluation set, with the three ways in which they creep into training data. Written for this test. */
export const ITEMS: ReadonlyArray<{
	readonly question: string;
	readonly reordered: string;
	readonly paraphrase: string;
}> = [
	{
		question:
			'A train leaves the station at nine in the morning with a speed of eighty kilometres an hour. How far has it travelled when the clock shows noon on the same day?',
		reordered:
			'How far has it travelled when the clock shows noon on the same day? A train leaves the station at nine in the morning with a speed of eighty kilometres an hour.',
		paraphrase:
			'At nine a.m. a train departs the station travelling at a speed of eighty kilometres per hour. How many kilometres has the train travelled by noon that day?',
	},
	{
		question:
			'Which organ of the human body is responsible for filtering waste products from the blood and producing urine, and how many of them does a healthy adult normally have?',
		reordered:
			'How many of them does a healthy adult normally have, and which organ of the human body is responsible for filtering waste products from the blood and producing urine?',
		paraphrase:
			'What organ in the human body filters waste products out of the blood and produces urine, and how many of this organ does a normal healthy adult have?',
	},
	{
		question:
			'The parliament building in the capital was rebuilt after the great fire of eighteen thirty-four by an architect who won a public competition. What was the name of that architect?',
		reordered:
			'What was the name of that architect? The parliament building in the capital was rebuilt after the great fire of eighteen thirty-four by an architect who won a public competition.',
		paraphrase:
			'After the great fire in eighteen thirty-four an architect who had won a public competition rebuilt the parliament building in the capital. Who was that architect?',
	},
	{
		question:
			'If a farmer plants twelve rows of apple trees with fifteen trees in every row and a storm destroys a third of all the trees, how many apple trees are left standing?',
		reordered:
			'How many apple trees are left standing if a storm destroys a third of all the trees, and a farmer plants twelve rows of apple trees with fifteen trees in every row?',
		paraphrase:
			'A farmer has planted twelve rows of apple trees, each row with fifteen trees. A storm destroyed one third of the trees. How many apple trees still stand?',
	},
	{
		question:
			'Why does a metal spoon that lies in a hot cup of tea feel much hotter to the hand than a wooden spoon that lies in the same cup?',
		reordered:
			'Than a wooden spoon that lies in the same cup, why does a metal spoon that lies in a hot cup of tea feel much hotter to the hand?',
		paraphrase:
			'In one cup of hot tea there are a metal and a wooden spoon. Why is it that the metal one feels so much hotter when you touch it?',
	},
	{
		question:
			'A customer returns a coat after three weeks because a seam has opened, but the receipt is lost. Does the shop have to take the coat back under the law?',
		reordered:
			'Does the shop have to take the coat back under the law? A customer returns a coat after three weeks because a seam has opened, but the receipt is lost.',
		paraphrase:
			'Somebody brings back a coat whose seam came apart within three weeks and no longer has the receipt. Is the shop legally obliged to accept it?',
	},
	{
		question:
			'What happens to the volume of a fixed amount of gas when its temperature in kelvin is doubled while the pressure is held constant throughout?',
		reordered:
			'When its temperature in kelvin is doubled while the pressure is held constant throughout, what happens to the volume of a fixed amount of gas?',
		paraphrase:
			'The absolute temperature of a given quantity of gas is raised to twice its value at unchanged pressure. How does the volume of the gas change?',
	},
	{
		question:
			'In the story the old fisherman sails out alone for three days and returns with nothing but the bones of his great fish. What does the boy say to him?',
		reordered:
			'What does the boy say to him? In the story the old fisherman sails out alone for three days and returns with nothing but the bones of his great fish.',
		paraphrase:
			'After three days alone at sea the old fisherman of the story comes home with only the skeleton of the huge fish. Which words does the boy speak to him?',
	},
	{
		question:
			'Write a function that takes a list of whole numbers and returns the length of the longest run of numbers in it that only ever increase.',
		reordered:
			'That takes a list of whole numbers and returns the length of the longest run of numbers in it that only ever increase, write a function.',
		paraphrase:
			'Implement a function: given a list of integers it should return how long the longest strictly increasing run in that list is.',
	},
	{
		question:
			'Which river flows through the most countries of Europe, in which mountains does it rise, and into which sea does it finally empty its waters?',
		reordered:
			'In which mountains does it rise, and into which sea does it finally empty its waters, and which river flows through the most countries of Europe?',
		paraphrase:
			'Name the European river that crosses more countries than any other, the mountains of its source and the sea at its mouth.',
	},
	{
		question:
			'The sum of three consecutive even numbers is one hundred and fifty-six. What is the largest of the three numbers and what is their product?',
		reordered:
			'What is the largest of the three numbers and what is their product? The sum of three consecutive even numbers is one hundred and fifty-six.',
		paraphrase:
			'Three even numbers that follow one another add up to one hundred and fifty-six. Give the biggest of them, and multiply all three.',
	},
	{
		question:
			'How should a patient who takes blood-thinning medicine behave before a tooth is pulled, and whom should he ask before he stops taking it?',
		reordered:
			'Whom should he ask before he stops taking it, and how should a patient who takes blood-thinning medicine behave before a tooth is pulled?',
		paraphrase:
			'Someone on anticoagulants is going to have a tooth extracted. What ought he to do beforehand, and who has to be consulted about pausing the drug?',
	},
];

/** Ordinary questions, some of them about the same things. */
export const CLEAN = [
	'How do I reset the password of my account when I no longer have access to my old mail address and the phone number has changed as well?',
	'Write a short poem about the sea in winter, with a grey sky and gulls over an empty harbour, that ends on a note of hope please.',
	'The delivery of last week came with two chairs missing and a scratched table top, what can I do to get the rest of it quickly?',
	'Explain the difference between a list and a tuple in Python to someone who has only ever written shell scripts and some awk.',
	'A train is late by forty minutes and I miss my connection, does the company have to pay for the hotel and the taxi?',
	'Which vitamins should a healthy adult take in winter when the days are short and there is hardly any fresh fruit?',
	'Why does a wooden handle on a frying pan crack after some years in the dishwasher, and can it be oiled to make it last?',
	'Our shop would like to print a sentence about returned goods on the receipt, can you suggest one that is short and friendly?',
	'Which river cruise would you recommend for two weeks in June with an old dog and a child who gets seasick easily?',
	'Write a function that reads a file line by line and counts how often each word of a given list appears in it.',
	'My tooth hurts when I drink something cold, but only on the left side and only in the morning after breakfast.',
	'The pressure of the tyres should be checked once a month, but which value is right when the car is fully loaded?',
];
