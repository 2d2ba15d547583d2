'use strict';

// Prose to measure strings with, written for this file: one paragraph a script, and one whose sentences alternate.

const english = [
  'The ferry left late that morning because the tide had carried a fishing net across the harbour mouth.',
  'Nobody on the quay seemed to mind; they drank their coffee and watched two boys try to pull it out.',
  'A woman with a green suitcase asked whether the museum on the island would still be open at noon.',
  '"It opens when I get there," said the man beside her, and showed a ring with eleven old keys.',
  'By half past nine the net lay on the stones, full of weed, three crabs and one very surprised cod.',
  'Captains write such things in the log: delay 35 minutes, cause net, no damage, sea calm, wind 2 from the west.',
  'Later the same log would say that 212 passengers crossed that day, more than in any week of the winter.',
  'Most of them came back with postcards; a few, as always, missed the last boat and slept at the school.',
];

const french = [
  'Le marché s’installe avant l’aube, quand la place n’est éclairée que par l’enseigne de la boulangère.',
  'À sept heures, déjà, les élèves du collège traversent en courant, le cartable ouvert et le goûter à la main.',
  'On y vend des pêches, des œufs tout frais, du pâté de campagne et, l’été, des géraniums à deux sous.',
  'Le fromager prétend connaître le prénom de chaque brebis ; personne n’a jamais osé vérifier.',
  'Où trouve-t-on encore un rémouleur ? Ici, le premier jeudi du mois, près de la fontaine gelée.',
  'Même la mairie a changé d’avis : la fête aura lieu là où elle a toujours été, sous les châtaigniers.',
  'Ça sent le café brûlé, la lessive, l’anis ; un chien très âgé dort au milieu de l’allée.',
  'À midi, tout disparaît, et il ne reste que des feuilles de chou et l’écho d’un dernier éclat de rire.',
];

const polish = [
  'Żółty tramwaj skręcał w wąską uliczkę tak ostro, że pasażerowie łapali się za ręce.',
  'Motorniczy, pan Wójcik, znał każdą szynę i każdą kałużę między dworcem a elektrownią.',
  'W zeszłą środę ktoś zostawił pod siedzeniem słoik świeżych ogórków i książkę o gwiazdach.',
  'Zgłosiła się po nie dziewczynka z czwartej klasy; ogórki były dla babci, gwiazdy dla niej.',
  'Śnieg sypał od świtu, więc rozkład jazdy przestał cokolwiek znaczyć.',
  'Mimo to o dziewiątej dwadzieścia wszyscy byli już w pracy, spóźnieni dokładnie tak samo.',
  'Źródła miejskie podają, że linia przetrwa jeszcze co najmniej pięć lat.',
  'Pan Wójcik uśmiecha się wtedy i mówi: „Szyny są młodsze ode mnie, zdążymy”.',
];

const russian = [
  'Библиотека на углу закрывалась в восемь, но свет в читальном зале горел почти до полуночи.',
  'Сторож дядя Миша уверял, что книги сами не любят темноты и по ночам перелистывают друг друга.',
  'Однажды студентка забыла на подоконнике тетрадь с формулами, и утром в ней была исправлена ошибка.',
  'Почерк был старый, с твёрдым знаком, а чернила ещё не высохли.',
  'С тех пор к этому окну записывались в очередь, особенно перед зимними экзаменами.',
  'Директор ходил мимо, качал головой и делал вид, что ничего не замечает.',
  'Весной на том же месте нашли билет в театр на 1913 год и сушёную веточку сирени.',
  'Билет положили под стекло, а веточку оставили: кому-нибудь она ещё пригодится.',
];

const chinese = [
  '山脚下的茶馆开了六十年，门口那棵银杏树比茶馆还要老一倍。',
  '老板娘每天清晨五点起床，先烧水，再把昨夜客人留下的棋局重新摆好。',
  '有一局棋已经下了三个冬天，红方只剩一车一马，却一直没有输。',
  '雨の日には遠くの町からも客が来て、窓際の席で黙って新聞を読んでいる。',
  '「今年のお茶は少し苦いね」と誰かが言うと、女将は笑って砂糖菓子を出した。',
  '孩子们不懂棋，只关心屋檐下的燕子什么时候回来，一共有几只。',
  '去年是四只，今年是七只，墙上用粉笔一年一年地记着。',
  '黄昏时分，最后一班公共汽车经过，司机总会按两下喇叭，算是道别。',
];

const emoji = [
  'Release day! 🎉🚀 The build went green at 6:42 and nobody dared to breathe 😅.',
  'Thanks to the whole team 👩‍💻👨🏽‍💻🙌 — you carried this one through two heat waves ☀️🥵.',
  'Known issue: the map 🗺️ shows 🇮🇸 twice; we kept both because everyone liked it 🐑🐑.',
  'Cake is in the kitchen 🍰☕, the vegan one has a 🌱 on it, the other one is already gone 👀.',
  'If the pager rings 📟, please ask 🧑🏿‍🚒 first and panic later 🔥➡️🧯.',
  'Weather for the picnic: 🌦️ then 🌈, bring a blanket 🧺 and the small speaker 🎶.',
  'Score after the table football final: 🟥 10 – 🟦 9, rematch on Friday 🤝⚽.',
  'And to whoever left the 🦆 on the server rack: it works, do not touch it 🫡💚.',
];

/** Sentence by sentence from each of the scripts in turn. */
const mixed = english.flatMap((_, i) => [french, russian, chinese, emoji, polish].map((script) => script[i]));

/** The same text as V8 keeps one that came from outside: flat, and not shared with a literal of the program. */
const flat = (text) => Buffer.from(text).toString();

/** Text of exactly that many bytes of UTF-8 out of sentences, beginning with the k-th; full stops fill the end. */
function fill(sentences, bytes, k) {
  let text = '';
  let left = bytes;
  for (let i = k; left > 0; i++) {
    for (const character of `${sentences[i % sentences.length]} `) {
      const size = Buffer.byteLength(character);
      if (size > left) return flat(text + '.'.repeat(left));
      text += character;
      left -= size;
    }
  }
  return flat(text);
}

const scripts = { english, french, polish, russian, chinese, emoji, mixed };

/** Per script a function of (bytes, k) that gives a text, other for each k below 8. */
for (const [name, sentences] of Object.entries(scripts)) {
  exports[name] = (bytes, k) => fill(sentences, bytes, k);
}

exports.flat = flat;
